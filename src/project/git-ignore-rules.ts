import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { isIgnoredBy, parseIgnoreRules, type IgnoreRule } from "../lib/ignore-rules.ts";
import { readTextIfPossible } from "../lib/read-regular-file.ts";

/** What git ignores in a folder, from which those below it follow. */
export interface IgnoreFolder {
  readonly isIgnored: (name: string, isFolder: boolean) => boolean;
  readonly enter: (name: string) => IgnoreFolder;
}

/** Reads the `.gitignore` of a folder, and in a repository those above it and `.git/info/exclude`. Needs no git. */
export function readIgnoreRules(folder: string): IgnoreFolder {
  const root = findRepository(folder) ?? folder;
  const above: string[] = [];
  for (let path = folder; path !== root; path = dirname(path)) above.unshift(dirname(path));
  const exclude = parseIgnoreRules(readTextIfPossible(join(sharedFolder(root), "info", "exclude")));
  return ignoreFolder(root, folder, [...exclude, ...above.flatMap((path) => rulesIn(root, path))]);
}

function ignoreFolder(root: string, folder: string, above: readonly IgnoreRule[]): IgnoreFolder {
  const rules = [...above, ...rulesIn(root, folder)];
  return {
    isIgnored: (name, isFolder) => isIgnoredBy(rules, relative(root, join(folder, name)), isFolder),
    enter: (name) => ignoreFolder(root, join(folder, name), rules),
  };
}

function findRepository(folder: string): string | undefined {
  for (let path = folder; ; path = dirname(path)) {
    if (existsSync(join(path, ".git"))) return path;
    if (path === dirname(path)) return undefined;
  }
}

/** Where git keeps what all work trees of a repository share; `.git` of a further work tree or a submodule is a file. */
function sharedFolder(root: string): string {
  const dotGit = join(root, ".git");
  const named = /^gitdir: (.+?)\s*$/.exec(readTextIfPossible(dotGit))?.[1];
  const folder = named === undefined ? dotGit : resolve(root, named);
  const shared = readTextIfPossible(join(folder, "commondir")).trim();
  return shared === "" ? folder : resolve(folder, shared);
}

function rulesIn(root: string, folder: string): IgnoreRule[] {
  const base = relative(root, folder);
  const text = readTextIfPossible(join(folder, ".gitignore"));
  return parseIgnoreRules(text, base === "" ? "" : `${base}/`);
}
