import { type Dirent, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import type { Candidate } from "./candidates.ts";

/** Files and folders whose path begins with `start`; hidden ones only if the name begins with a dot. */
export function findFiles(start: string): Candidate[] {
  const cut = start.lastIndexOf("/") + 1;
  const [folder, name] = [start.slice(0, cut), start.slice(cut)];
  const path = folder.replace(/^~(?=\/)/, homedir()) || ".";
  return entriesIn(path)
    .filter((file) => file.name.startsWith(name) && (name.startsWith(".") || !isHidden(file)))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((file) => {
      const isFolder = file.isDirectory() || (file.isSymbolicLink() && leadsToFolder(path, file));
      return { text: `${folder}${file.name}${isFolder ? "/" : ""}`, isOpen: isFolder };
    });
}

const isHidden = ({ name }: Dirent): boolean => name.startsWith(".");

function entriesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** A link may lead nowhere, to itself, or into a folder that is not readable. */
function leadsToFolder(folder: string, { name }: Dirent): boolean {
  try {
    return statSync(`${folder}/${name}`).isDirectory();
  } catch {
    return false;
  }
}
