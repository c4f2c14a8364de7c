import { packTar, type Entry } from "../archive.ts";
import type { ContainerSpec, Mount } from "../container-spec.ts";
import type { Engine } from "../docker/connect.ts";
import { removeContainer } from "../docker/containers.ts";
import { putArchive } from "../docker/copy.ts";
import { readKeyFolder } from "./keys.ts";
import { canMountKeys } from "./machine.ts";

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
  const mount = spec.mounts.find(({ source }) => source === keysFolder);
  if (!mount || (await canMountKeys(engine))) return create(spec);
  const own: Mount = { type: "volume", source: "", target: mount.target, readOnly: false };
  const mounts = spec.mounts.map((one) => (one === mount ? own : one));
  const id = await create({ ...spec, mounts });
  try {
    await putArchive(engine, id, mount.target, packTar(await entriesOf(keysFolder)));
    return id;
  } catch (error) {
    await removeContainer(engine, id);
    throw error;
  }
}

async function entriesOf(keysFolder: string): Promise<Entry[]> {
  const files = await readKeyFolder(keysFolder);
  return [...files].map(([name, text]) => ({
    name,
    type: "file",
    mode: 0o600,
    uid: 0,
    linkname: undefined,
    content: Buffer.from(text),
  }));
}
