import { existsSync } from "node:fs";
import { relative } from "node:path";
import { summarizeList } from "../../lib/summarize-list.ts";
import type { Project } from "../../model/project.ts";
import { mountedSources, shownPath } from "../../plan/receipts/mounted.ts";
import { selectInstances } from "../../plan/select/select.ts";
import { plainSelection } from "../../plan/select/selection.ts";
import { log } from "../../ui/output/log.ts";

/**
 * Names what instances mount from the project's folder and is not saved with it, and the folders that they may write to:
 * those may be data.
 *
 * @param paths that are saved, relative to the folder
 * @param ignored paths that git ignores
 */
export function noteSavedMounts(
  project: Project,
  group: string | undefined,
  paths: readonly string[],
  ignored: readonly string[],
): void {
  const selected = selectInstances(project, plainSelection("all", group));
  const sources = mountedSources(project, selected).filter(
    ({ source, isOwn }) => isOwn && existsSync(source),
  );
  for (const [source, mounts] of Map.groupBy(sources, (mount) => mount.source)) {
    const path = relative(project.folder, source);
    const isSaved = paths.includes(path);
    const isBelow = (other: string): boolean => path === "" || other.startsWith(`${path}/`);
    const hasSaved = paths.some(isBelow);
    const names = [...new Set(mounts.map(({ host }) => host))];
    const hosts = names.join(", ");
    const whichMount = `which ${hosts} ${names.length === 1 ? "mounts" : "mount"}`;
    const shown = shownPath(source, project);
    const below = summarizeList(ignored.filter(isBelow), 5);
    if (below !== "") log.warn(`left out below ${shown}, ${whichMount}: ${below}`);
    if (!isSaved && !hasSaved) log.warn(`left out: ${shown}, ${whichMount}`);
    else if (hasSaved && mounts.some(({ readOnly }) => !readOnly))
      log.info(`saved as it is now: ${shown}, into which ${hosts} may write`);
  }
}
