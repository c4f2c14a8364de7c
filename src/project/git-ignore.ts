import { appendFileSync, existsSync, lstatSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { readTextIfPossible } from "../lib/read-regular-file.ts";

/**
 * Adds files or folders of a project to its `.gitignore`, in the style of that file. Does nothing outside a git
 * repository, for paths outside the project's folder, and for those that are ignored already.
 *
 * @param paths absolute; folders end with a slash
 * @returns the lines that were added
 */
export function addToGitIgnore(folder: string, paths: readonly string[]): string[] {
  const missing = findUnignored(folder, paths).map(
    (path) => relative(folder, path) + (path.endsWith(sep) ? "/" : ""),
  );
  if (missing.length === 0) return [];
  return appendLines(join(folder, ".gitignore"), missing.map(escapePattern));
}

/**
 * Adds files of a project to its `.gitignore`, which `save` heeds outside a git repository, too.
 *
 * @param paths absolute; those outside the project's folder are left out
 * @returns the lines that were added
 */
export function addToIgnored(folder: string, paths: readonly string[]): string[] {
  const own = paths.filter((path) => path.startsWith(folder + sep));
  const lines = own.map((path) => escapePattern(relative(folder, path)));
  return appendLines(join(folder, ".gitignore"), lines);
}

/** Those of a project's files or folders that git does not ignore; none outside a git repository. */
export function findUnignored(folder: string, paths: readonly string[]): string[] {
  const ignoreFiles = ignoreFilesOf(folder);
  if (ignoreFiles.length === 0) return [];
  return paths.filter((path) => path.startsWith(folder + sep) && !isIgnored(path, ignoreFiles));
}

/**
 * Appends lines to a `.gitignore` that it has not yet.
 *
 * @returns the lines that were added; none if the file cannot be written
 */
export function appendLines(file: string, lines: readonly string[]): string[] {
  const text = readTextIfPossible(file);
  const present = patternsIn(text);
  const isAnchored = present.some((pattern) => /^\/[^/]/.test(pattern));
  const styled = lines.map((line) => (isAnchored && isPath(line) ? `/${line}` : line));
  const added = styled.filter((line) => !present.includes(line));
  if (added.length === 0) return [];
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const separator = text === "" || text.endsWith("\n") ? "" : newline;
  try {
    // Git does not read it through a link either.
    if (existsSync(file) && !lstatSync(file).isFile()) return [];
    appendFileSync(file, separator + added.map((line) => line + newline).join(""));
    return added;
  } catch {
    // A read-only folder: its owner decides.
    return [];
  }
}

/** Whether a line names one file or folder, and not a pattern, which may apply to folders below. */
function isPath(line: string): boolean {
  return !/^[#!/]|[*?]/.test(line);
}

interface IgnoreFile {
  readonly folder: string;
  readonly patterns: readonly string[];
}

/** The ignore files that apply to a folder, up to the root of its repository; none outside a repository. */
function ignoreFilesOf(start: string): IgnoreFile[] {
  const files: IgnoreFile[] = [];
  for (let folder = start; ; folder = dirname(folder)) {
    files.push({ folder, patterns: patternsIn(readTextIfPossible(join(folder, ".gitignore"))) });
    const git = join(folder, ".git");
    if (existsSync(git))
      return [
        ...files,
        { folder, patterns: patternsIn(readTextIfPossible(join(git, "info", "exclude"))) },
      ];
    if (folder === dirname(folder)) return [];
  }
}

/** A negated pattern counts as well: somebody has decided about the path. */
function isIgnored(path: string, files: readonly IgnoreFile[]): boolean {
  return files.some(({ folder, patterns }) => {
    const local = relative(folder, path);
    const names = local.split(sep);
    return patterns.some((pattern) => {
      const plain = pattern.replace(/^!/, "").replace(/^\/|\/$/g, "");
      const glob = new Bun.Glob(plain);
      const isAnchored = plain.includes("/") || /^!?\//.test(pattern);
      // A folder that is ignored takes everything below it along.
      const parents = names.map((_, index) => names.slice(0, index + 1).join("/"));
      return (isAnchored ? parents : names).some((candidate) => glob.match(candidate));
    });
  });
}

function patternsIn(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

function escapePattern(path: string): string {
  return path.replace(/[\\*?[\]]|^[#!]| (?=$|\/$)/g, "\\$&");
}
