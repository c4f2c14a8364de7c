import { readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import type { Candidate } from "./candidates.ts";

/** Files and folders whose path begins like this; hidden ones only when asked for. */
export function filesLike(start: string): Candidate[] {
  const cut = start.lastIndexOf("/") + 1;
  const [folder, name] = [start.slice(0, cut), start.slice(cut)];
  const path = folder.replace(/^~(?=\/)/, homedir()) || ".";
  return namesIn(path)
    .filter((one) => one.startsWith(name) && (name.startsWith(".") || !one.startsWith(".")))
    .map((one) => {
      const isFolder = isFolderAt(`${path}/${one}`);
      return { text: `${folder}${one}${isFolder ? "/" : ""}`, isOpen: isFolder };
    });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

function isFolderAt(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
