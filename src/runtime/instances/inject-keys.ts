import { basename, dirname } from "node:path";
import type { Engine } from "../../docker/client/engine.ts";
import { removeContainer } from "../../docker/containers/containers.ts";
import { putArchive } from "../../docker/containers/copy.ts";
import { packTar, type TarEntry } from "../../lib/tar.ts";
import type { ContainerSpec, Mount } from "../../model/container-spec.ts";
import { canMountKeys } from "../host/engine-host.ts";
import { certifyHost } from "../keys/ssh-certificate.ts";
import { createSshKey } from "../keys/ssh-key.ts";
import { readKeys } from "../keys/store.ts";
import { readUnlinkedFile } from "../../lib/read-regular-file.ts";

/**
 * Creates a container that has the project's keys: mounted from this host, or, where the container could not read them,
 * copied into an anonymous volume.
 *
 * @param create creates the container, not started
 * @returns the container's id
 * @throws ReynsError ENGINE_REFUSED, KEYS_UNUSABLE
 */
export async function createWithKeys(
  engine: Engine,
  spec: ContainerSpec,
  keysFolder: string,
  create: (spec: ContainerSpec) => Promise<string>,
): Promise<string> {
  const keyMounts = spec.mounts.filter(({ source }) => dirname(source) === keysFolder);
  const [first] = keyMounts;
  if (!first || (await canMountKeys(engine))) return create(spec);
  const target = dirname(first.target);
  const volume: Mount = { type: "volume", source: "", target, readOnly: false };
  const mounts = [volume, ...spec.mounts.filter((mount) => !keyMounts.includes(mount))];
  const id = await create({ ...spec, mounts });
  try {
    const files = await Promise.all(keyMounts.map(readMountedFile));
    await putArchive(engine, id, target, packTar(files));
    return id;
  } catch (error) {
    await removeContainer(engine, id);
    throw error;
  }
}

/**
 * Gives a container that has not been started a new SSH host key, with a certificate of the project's authority for its
 * names. The key survives restarts and is removed with the container.
 *
 * @throws ReynsError ENGINE_REFUSED; ReynsErrors KEYS_UNUSABLE
 */
export async function installHostKey(
  engine: Engine,
  id: string,
  { keysFolder, names }: { readonly keysFolder: string; readonly names: readonly string[] },
): Promise<void> {
  const { authority } = await readKeys(keysFolder);
  const key = createSshKey(names[0] ?? "");
  const files = {
    ssh_host_ed25519_key: key.privateKey,
    "ssh_host_ed25519_key-cert.pub": certifyHost(key, authority, names),
  };
  const entries = Object.entries(files).map(([name, text]) =>
    rootOnlyFile(name, Buffer.from(text)),
  );
  await putArchive(engine, id, "/etc/ssh", packTar(entries));
}

async function readMountedFile({ source, target }: Mount): Promise<TarEntry> {
  return rootOnlyFile(basename(target), readUnlinkedFile(source));
}

function rootOnlyFile(name: string, content: Buffer): TarEntry {
  return { name, type: "file", mode: 0o600, uid: 0, linkname: undefined, content };
}
