import { errorStatus } from "../../../docker/client/errors.ts";
import { removeContainer, startContainer } from "../../../docker/containers/containers.ts";
import { createContainer } from "../../../docker/containers/create.ts";
import { putArchive } from "../../../docker/containers/copy.ts";
import { packTar } from "../../../lib/tar.ts";
import type { KeepLeases, RemoveKeeper } from "../../../model/steps.ts";
import type { RuntimeContext } from "../../context.ts";
import { withKeysLabel } from "../../instances/create.ts";
import { createWithKeys } from "../../instances/inject-keys.ts";
import { ensureKeys } from "../../keys/store.ts";

/** Starts the lease keeper and gives it the list of leases; a running one reads a new list by itself. */
export async function keepLeasesStep(
  { spec, replaces, lines }: KeepLeases,
  { engine, keysFolder }: RuntimeContext,
): Promise<undefined> {
  const keys = await ensureKeys(keysFolder);
  if (replaces !== undefined) await removeContainer(engine, replaces);
  await createWithKeys(engine, withKeysLabel(spec, keys), keysFolder, (withKeys) =>
    createContainer(engine, withKeys),
  ).catch((error: unknown) => {
    // It exists, or another call is creating it right now: its name is unique.
    if (errorStatus(error) !== 409) throw error;
  });
  const content = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  const file = { name: "leases", type: "file", mode: 0o644, linkname: undefined, content } as const;
  await putArchive(engine, spec.name, "/run/reyns", packTar([file]));
  await startContainer(engine, spec.name);
}

export async function removeKeeperStep(
  { containerId }: RemoveKeeper,
  { engine }: RuntimeContext,
): Promise<undefined> {
  await removeContainer(engine, containerId);
}
