import { rm, rmdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { removeHostFolders } from "../../../docker/containers/remove-folders.ts";
import { removeVolume } from "../../../docker/volumes.ts";
import { hasCode, ReynsError } from "../../../errors.ts";
import { shellQuote } from "../../../lib/shell-quote.ts";
import { labels } from "../../../model/labels.ts";
import type { RemoveData, RemoveVolume } from "../../../model/data-steps.ts";
import type { RuntimeContext } from "../../context.ts";
import { copyMarkerOf } from "../../instances/persistence.ts";

/** Removes the folders as this user if possible, else through the Engine: services write files as other users. */
export async function removeDataStep(
  step: RemoveData,
  { engine }: Pick<RuntimeContext, "engine">,
): Promise<undefined> {
  const paths = step.folders.flatMap((folder) => [folder, copyMarkerOf(folder)]);
  if (!(engine.local && (await removeDirectly(paths)))) await removeByEngine(step, paths, engine);
  const [parent] = step.folders.map((folder) => dirname(folder));
  // Fails, and should, where it contains something else.
  if (engine.local && parent !== undefined) await rmdir(parent).catch(() => undefined);
}

async function removeDirectly(paths: readonly string[]): Promise<boolean> {
  try {
    for (const path of paths) await rm(path, { recursive: true, force: true });
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["EACCES", "EPERM"].includes(code)) return false;
    throw error;
  }
}

async function removeByEngine(
  { folders, image, project, title }: RemoveData,
  paths: readonly string[],
  engine: RuntimeContext["engine"],
): Promise<void> {
  const isRemoved = await removeHostFolders(engine, {
    parent: dirname(folders[0] ?? ""),
    names: paths.map((path) => basename(path)),
    image,
    labels: { [labels.project]: project.name, [labels.folder]: project.origin },
  }).catch((error: unknown) => {
    if (hasCode(error, "ENGINE_REFUSED")) return false;
    throw error;
  });
  if (isRemoved) return;
  const hint = `remove it yourself: sudo rm -r ${folders.map(shellQuote).join(" ")}`;
  throw new ReynsError("FILE_REFUSED", `cannot remove the ${title}`, { hint });
}

export async function removeVolumeStep(
  { volume }: RemoveVolume,
  { engine, emit }: RuntimeContext,
): Promise<undefined> {
  if (await removeVolume(engine, volume)) return;
  const message = `the volume ${volume} stays: another container still uses it`;
  emit({ kind: "warning", message });
}
