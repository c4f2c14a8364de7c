import { ReynsError } from "../../errors.ts";
import { acceptedHint, didYouMean } from "../../lib/suggest.ts";
import { copyNameOf } from "../../model/copy-origin.ts";
import type { ProjectFolder } from "../../model/project.ts";
import { listCopyNames } from "../../project/copy-record.ts";
import { log } from "../../ui/output/log.ts";
import { listInstances } from "./context.ts";

/**
 * Makes sure that a copy of which nothing is on the Engine has been run at all.
 *
 * @throws ReynsError UNKNOWN_COPY
 */
export function requireCopy(place: ProjectFolder): void {
  const { copy, names } = namesFor(place);
  if (names.includes(copy)) return;
  const create = `make it with: reyns run all copy=${copy}`;
  const hint = names.length === 0 ? create : `${acceptedHint(copy, names)}; or ${create}`;
  throw new ReynsError("UNKNOWN_COPY", `this project has no copy "${copy}"`, { hint });
}

/** Says of a plan for a copy that there is none yet, as the name may be mistyped. */
export async function noteNewCopy(place: ProjectFolder): Promise<void> {
  const { copy, names } = namesFor(place);
  if (names.includes(copy)) return;
  // Those of a folder that nobody can write to are not recorded.
  const { instances } = await listInstances({ mayBeNew: true });
  if (instances.length > 0) return;
  const hint = didYouMean(copy, names);
  log.warn(`this project has no copy "${copy}": run would make it${hint ? `; ${hint}` : ""}`);
}

function namesFor({ folder, origin }: ProjectFolder): {
  readonly copy: string;
  readonly names: readonly string[];
} {
  return { copy: copyNameOf(origin) ?? "", names: listCopyNames(folder) };
}
