import { dirname } from "node:path/posix";
import { linkStaysInside, type SavedIndex } from "../../model/saved-project.ts";

/** Why the links of a saved project are refused: one leads out of the folder, or a file lies behind one. */
export function whyLinksRefused({ files }: Pick<SavedIndex, "files">): string | undefined {
  const links = new Map(
    files.flatMap(({ path, type, target = "" }) =>
      type === "symlink" ? [[path, target] as const] : [],
    ),
  );
  for (const [path, target] of links)
    if (!linkStaysInside(path, target, links))
      return `the link ${path} leads out of the project's folder: ${target}`;
  const behind = files.find(({ path }) => parentsOf(path).some((parent) => links.has(parent)));
  return behind && `${behind.path} lies behind a link`;
}

/** "a/b/c" -> "a/b", "a" */
export function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === "." ? [] : [parent, ...parentsOf(parent)];
}
