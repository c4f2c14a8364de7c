import { readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import type { Candidate } from "./candidates.ts";

/** Files and folders whose path begins with `start`; hidden ones only if the name begins with a dot. */
export function findFiles(start: string): Candidate[] {
  const cut = start.lastIndexOf("/") + 1;
  const [folder, name] = [start.slice(0, cut), start.slice(cut)];
  const path = folder.replace(/^~(?=\/)/, homedir()) || ".";
  return namesIn(path)
    .filter((file) => file.startsWith(name) && (name.startsWith(".") || !file.startsWith(".")))
    .map((file) => {
      const isFolder = isFolderAt(`${path}/${file}`);
      return { text: `${folder}${file}${isFolder ? "/" : ""}`, isOpen: isFolder };
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
