import { sep } from "node:path";
import { ReynsError } from "../../errors.ts";
import type { Project } from "../../model/project.ts";
import type { DescribedStart } from "../describe/described-start.ts";
import { keysFolder } from "../../model/resource-names.ts";

interface MountContext {
  readonly project: Project;
  /** The address of an Engine that is another machine's. */
  readonly remoteEngine?: string | undefined;
}

/**
 * What an Engine on another machine would look for in vain: the folders and files of the project that instances mount.
 * The keys are brought there in another way, and a path outside of the project may be meant as one of that machine.
 */
export function hostMountErrors(
  starting: readonly DescribedStart[],
  { project, remoteEngine: elsewhere }: MountContext,
): ReynsError[] {
  if (elsewhere === undefined) return [];
  const own = [project.folder, project.dataFolder].map((folder) => folder + sep);
  const keys = keysFolder(project) + sep;
  return starting.flatMap(({ step: { host, spec } }) =>
    spec.mounts
      .filter(({ type, source }) => type === "bind" && !source.startsWith(keys))
      .filter(({ source }) => own.some((folder) => source.startsWith(folder)))
      .map(({ source, target }) => {
        const message = `${host}: ${target} is ${source} of this machine, and the Engine, ${elsewhere}, is on another`;
        const hint =
          "a volume of that Engine does: safePersistency for persistent folders, NAME:PATH in volumes; or run Reyns there";
        return new ReynsError("INVALID_PROJECT", message, { hint });
      }),
  );
}
