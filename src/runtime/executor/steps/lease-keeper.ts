import { packTar } from "../../../lib/tar.ts";
import {
  createContainer,
  removeContainer,
  startContainer,
} from "../../../docker/containers/containers.ts";
import { putArchive } from "../../../docker/containers/copy.ts";
import { errorStatus } from "../../../docker/client/errors.ts";
import type { KeepLeases, RemoveKeeper } from "../../../model/steps.ts";
import { withKeysLabel } from "../../instances/create.ts";
import { createWithKeys } from "../../instances/inject-keys.ts";
import { ensureKeys } from "../../keys/store.ts";
import type { RuntimeContext } from "../../context.ts";

/** The keeper is told before it starts, and again whenever another call has to; it reads what is new by itself. */
export async function keepLeasesStep(
  { spec, replaces, lines }: KeepLeases,
  { engine, keysFolder }: RuntimeContext,
): Promise<undefined> {
  const keys = await ensureKeys(keysFolder);
  if (replaces !== undefined) await removeContainer(engine, replaces);
  // Another call may be making it at this moment: its name is what tells.
  await createWithKeys(engine, withKeysLabel(spec, keys), keysFolder, (whole) =>
    createContainer(engine, whole),
  ).catch(unlessStatus(409));
  const content = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  const list = { name: "leases", type: "file", mode: 0o644, linkname: undefined, content } as const;
  await putArchive(engine, spec.name, "/run/reyns", packTar([list]));
  await startContainer(engine, spec.name);
}

function unlessStatus(status: number): (error: unknown) => void {
  return (error) => {
    if (errorStatus(error) !== status) throw error;
  };
}

export async function removeKeeperStep(
  { containerId }: RemoveKeeper,
  { engine }: RuntimeContext,
): Promise<undefined> {
  await removeContainer(engine, containerId);
}
