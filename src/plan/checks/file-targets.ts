import { posix } from "node:path";
import { inside, ReynsError } from "../../errors.ts";
import { isWithinFolder } from "../../model/container-files.ts";
import type { ContainerSpec } from "../../model/container-spec.ts";
import type { DescribedStart } from "../describe/described-start.ts";

/** Files that could not be copied to where they should be, or would not be seen there. */
export function fileTargetErrors(starting: readonly DescribedStart[]): ReynsError[] {
  return starting.flatMap(({ placed, step: { host, spec } }) =>
    (spec.copiedFiles ?? []).flatMap(({ path }) => {
      const mistake = mistakeAt(path, spec);
      if (!mistake) return [];
      const message = `${host}: the file ${path} ${mistake.reason}`;
      const at = inside(placed.selected.definition.at, "files", path);
      return new ReynsError("INVALID_PROJECT", message, { hint: mistake.hint, at });
    }),
  );
}

function mistakeAt(
  path: string,
  { mounts, runtime }: ContainerSpec,
): { readonly reason: string; readonly hint: string } | undefined {
  const memory = Object.keys(runtime.tmpfs ?? {}).map((target) => ({
    type: "tmpfs" as const,
    target,
    readOnly: false,
  }));
  const [mount] = [...mounts, ...memory]
    .filter(({ target }) => isWithinFolder(path, target))
    .toSorted((a, b) => b.target.length - a.target.length);
  if (mount?.type === "tmpfs")
    return {
      reason: `is in ${mount.target}, which is in memory and empty at each start`,
      hint: "choose another path, or leave out that tmpfs",
    };
  if (mount?.type === "bind")
    return {
      reason: `is in ${mount.target}, which is mounted from the host`,
      hint: "choose another path, or put the file into that folder of the host",
    };
  if (mount?.readOnly)
    return { reason: `is in ${mount.target}, a read-only volume`, hint: "choose another path" };
  if (mount || !runtime.readOnly || posix.dirname(path) !== "/") return undefined;
  return {
    reason: "is in /, which is read-only here",
    hint: "put it into a folder: with readOnly, that folder is a volume of the container's own",
  };
}
