import { ReynsError } from "../errors.ts";
import type { Environment } from "../lib/environment.ts";
import { copyOrigin, mainCopy, projectOrigin } from "../model/copy-origin.ts";
import { isDnsLabel, toValidName } from "../model/host-names.ts";

/** The variable that selects a copy: of a shell, a worktree or a CI job. The argument `copy=` sets it for its call. */
export const copyVariable = "REYNS_COPY";

/**
 * The place of a copy of a project: the same folder, definition and keys, and another origin. Names, labels, network,
 * volumes, data folder, lock, versions and records follow from the origin, so code that gets this place acts on the copy
 * alone.
 *
 * Within a command, set `process.env[copyVariable]` before anything locates the project instead: `locateProject()`,
 * `loadProject()` and `listInstances()` are about the copy from then on.
 *
 * @param place of the project, or of any copy of it
 * @param name as `checkCopyName` accepts it; `main` is the project itself
 */
export function asCopy<Place extends { readonly origin: string }>(
  place: Place,
  name: string,
): Place {
  const origin = name === mainCopy ? projectOrigin(place.origin) : copyOrigin(place.origin, name);
  return { ...place, origin };
}

/**
 * The copy that an environment selects; undefined for the project itself.
 *
 * @throws ReynsError INVALID_VALUE
 */
export function selectedCopy(env: Environment): string | undefined {
  const name = env[copyVariable];
  return name === undefined || name === "" || name === mainCopy ? undefined : checkCopyName(name);
}

/**
 * Checks the name of a copy: it is part of names on the Engine, and a label in the host names of routes.
 *
 * @throws ReynsError INVALID_VALUE
 */
export function checkCopyName(name: string): string {
  if (isDnsLabel(name)) return name;
  const valid = toValidName(name);
  const hint = `use up to 63 lower case letters, digits and inner hyphens${/[a-z0-9]/i.test(name) ? `: "${valid}"` : ""}`;
  throw new ReynsError("INVALID_VALUE", `invalid copy name "${name}"`, { hint });
}
