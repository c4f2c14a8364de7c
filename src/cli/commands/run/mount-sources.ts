import { basename, dirname, join, sep } from "node:path";
import { ReynsError, throwAll } from "../../../errors.ts";
import { nearest } from "../../../lib/suggest.ts";
import type { Project } from "../../../model/project.ts";
import type { Step } from "../../../model/steps.ts";
import {
  isInProject,
  mountSources,
  sourceText,
  type MountSource,
} from "../../../plan/mount-sources.ts";
import { namesIn } from "../../../project/conf/files.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { hasFilesOfHost, isMissing } from "../../../runtime/host/engine-host.ts";
import { log } from "../../../ui/output/log.ts";

/**
 * Reports what is to be mounted and is not there, before anything is stopped or made. A path outside of the project may be
 * one of another file system, which the Engine has.
 *
 * @throws ReynsError INVALID_PROJECT
 */
export async function checkMountSources(
  steps: readonly Step[],
  project: Project,
  engine: Engine,
): Promise<void> {
  if (!engine.local) return;
  const missing = missingSources(steps, project).filter(({ isMade }) => !isMade);
  const isInside = ({ source }: MountSource): boolean => isInProject(source, project);
  const isHere = missing.every(isInside) || (await hasFilesOfHost(engine));
  throwAll(
    missing
      .filter((mount) => isHere || isInside(mount))
      .map(({ host, source, target, at }) => {
        const message = `${host}: ${sourceText(source, project)}, mounted at ${target}, does not exist`;
        return new ReynsError("INVALID_PROJECT", message, { hint: hintFor(source, project), at });
      }),
  );
}

/** Names the folders that a run makes, but for those of its own data. */
export function noteNewFolders(steps: readonly Step[], project: Project): void {
  const made = missingSources(steps, project).filter(({ isMade, source }) => {
    return isMade && !source.startsWith(project.dataFolder + sep);
  });
  for (const [source, [first]] of Map.groupBy(made, (one) => one.source))
    log.info(
      `new folder: ${sourceText(source, project)}, mounted at ${first?.target} by ${first?.host}`,
    );
}

function missingSources(steps: readonly Step[], project: Project): MountSource[] {
  return mountSources(steps, project).filter(({ source }) => isMissing(source));
}

function hintFor(source: string, project: Project): string {
  const folder = dirname(source);
  const found = nearest(basename(source), namesIn(folder));
  const create = "create it, or correct the path";
  return found === undefined
    ? create
    : `did you mean "${sourceText(join(folder, found), project)}"? otherwise ${create}`;
}
