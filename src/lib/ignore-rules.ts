import { basename } from "node:path/posix";

/** One line of a `.gitignore`. */
export interface IgnoreRule {
  /** The folder of the file, relative to the root: "" or "images/". */
  readonly base: string;
  readonly glob: Bun.Glob;
  /** It takes back what an earlier line ignores. */
  readonly isNegated: boolean;
  /** It counts for folders alone. */
  readonly isForFolders: boolean;
  /** It counts for paths from `base`, and not for a name at any depth. */
  readonly isAnchored: boolean;
}

/**
 * Parses the lines of a `.gitignore`.
 *
 * @param base its folder relative to the root that paths are relative to: "", or with a slash at its end
 * @see https://git-scm.com/docs/gitignore#_pattern_format
 */
export function parseIgnoreRules(text: string, base = ""): IgnoreRule[] {
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .flatMap((line) => {
      // A blank at the end counts only after a backslash.
      const pattern = line.replace(/(?<!\\) +$/, "");
      if (pattern === "" || pattern.startsWith("#")) return [];
      const isNegated = pattern.startsWith("!");
      const body = isNegated ? pattern.slice(1) : pattern;
      const plain = body.replace(/\/$/, "");
      return [
        {
          base,
          glob: new Bun.Glob(toGlob(plain.replace(/^\//, ""))),
          isNegated,
          isForFolders: body.endsWith("/"),
          isAnchored: plain.includes("/"),
        },
      ];
    });
}

/** The classes of characters that brackets may name, as ranges. */
const classes: Readonly<Record<string, string>> = {
  alnum: "a-zA-Z0-9",
  alpha: "a-zA-Z",
  blank: " \t",
  cntrl: "\x01-\x1F\x7F",
  digit: "0-9",
  graph: "\\!-~",
  lower: "a-z",
  print: " -~",
  punct: "\\!-/:-@\\[-`{-~",
  space: " \t-\r",
  upper: "A-Z",
  xdigit: "0-9a-fA-F",
};

/** Braces mean nothing to git; an exclamation mark at the front would negate the glob. */
function toGlob(pattern: string): string {
  return pattern
    .replace(/(?<!\\)[{}]|^!/g, "\\$&")
    .replace(/\[:([a-z]+):\]/g, (text, name: string) => classes[name] ?? text);
}

/**
 * Whether rules ignore a path: the last one that matches decides. What is in an ignored folder has to be left out by the
 * caller.
 *
 * @param path relative to the root, without a slash at its end
 */
export function isIgnoredBy(
  rules: readonly IgnoreRule[],
  path: string,
  isFolder: boolean,
): boolean {
  const last = rules.findLast(({ base, glob, isForFolders, isAnchored }) => {
    if ((isForFolders && !isFolder) || !path.startsWith(base)) return false;
    return glob.match(isAnchored ? path.slice(base.length) : basename(path));
  });
  return last !== undefined && !last.isNegated;
}
