import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { packTar, type TarEntry } from "../../lib/tar.ts";
import type { ContainerSpec, Mount } from "../../model/container-spec.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { removeContainer } from "../../docker/containers/containers.ts";
import { putArchive } from "../../docker/containers/copy.ts";
import { readKeys } from "../keys/store.ts";
import { canMountKeys } from "../host/engine-host.ts";
import { certifyHost } from "../keys/ssh-certificate.ts";
import { createSshKey } from "../keys/ssh-key.ts";

/**
 * Creates a container that has the project's keys: mounted from here, or, where that is no use, copied before the start
 * into a volume of its own, which goes with it. Returns its id.
 *
 * @param create makes the container, not started, and returns its id
 * @throws ReynsError ENGINE_REFUSED, KEYS_UNUSABLE
 */
export async function createWithKeys(
  engine: Engine,
  spec: ContainerSpec,
  keysFolder: string,
  create: (spec: ContainerSpec) => Promise<string>,
): Promise<string> {
  const keys = spec.mounts.filter(({ source }) => dirname(source) === keysFolder);
  const [first] = keys;
  if (!first || (await canMountKeys(engine))) return create(spec);
  const target = dirname(first.target);
  const own: Mount = { type: "volume", source: "", target, readOnly: false };
  const mounts = [own, ...spec.mounts.filter((one) => !keys.includes(one))];
  const id = await create({ ...spec, mounts });
  try {
    await putArchive(engine, id, target, packTar(await Promise.all(keys.map(readMountedFile))));
    return id;
  } catch (error) {
    await removeContainer(engine, id);
    throw error;
  }
}

/**
 * Gives a container that is not started yet a host key of its own, with the authority's word for its names. It outlives
 * restarts, and goes with the container.
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
  return rootOnlyFile(basename(target), await readFile(source));
}

function rootOnlyFile(name: string, content: Buffer): TarEntry {
  return { name, type: "file", mode: 0o600, uid: 0, linkname: undefined, content };
}
