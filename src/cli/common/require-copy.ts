import { ReynsError } from "../../errors.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import { copyNameOf } from "../../model/copy-origin.ts";
import type { ProjectFolder } from "../../model/project.ts";
import { listCopyNames } from "../../project/copy-record.ts";

/**
 * Makes sure that a copy of which nothing is on the Engine has been run at all.
 *
 * @throws ReynsError UNKNOWN_COPY
 */
export function requireCopy(place: ProjectFolder): void {
  const copy = copyNameOf(place.origin) ?? "";
  const names = listCopyNames(place.folder);
  if (names.includes(copy)) return;
  const create = `make it with: reyns run all copy=${copy}`;
  const hint = names.length === 0 ? create : `${acceptedHint(copy, names)}; or ${create}`;
  throw new ReynsError("UNKNOWN_COPY", `this project has no copy "${copy}"`, { hint });
}
