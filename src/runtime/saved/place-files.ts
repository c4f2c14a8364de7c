import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { privateFolder } from "../../model/resource-names.ts";
import { savedExtension, type SavedFile, type SavedIndex } from "../../model/saved-project.ts";
import type { FileChanges } from "./compare-files.ts";
import { stagedPath } from "./load.ts";

interface PlaceRequest extends FileChanges {
  readonly folder: string;
  readonly stage: string;
  readonly receipts: SavedIndex["receipts"];
}

/** Puts staged files into a project's folder: quickly, and each of them whole or not at all. */
export function placeFiles({ folder, stage, write, chmod, remove, receipts }: PlaceRequest): void {
  for (const path of remove) removeFrom(folder, path);
  for (const file of write) {
    const path = join(folder, file.path);
    makeFolders(folder, file.path);
    if (file.type === "directory") makeFolder(path);
    else if (file.type === "symlink")
      replaceBy(path, stage, (draft) => symlinkSync(file.target ?? "", draft));
    else placeFile(file, path, stage);
  }
  for (const { path, mode } of chmod) chmodSync(join(folder, path), mode);
  for (const { name, digest } of receipts) {
    const path = join(folder, privateFolder, "receipts", name);
    mkdirSync(dirname(path), { recursive: true });
    placeFile({ digest, mode: 0o644 }, path, stage);
  }
}

/** Several files may have one content. */
function placeFile(
  { digest = "", mode }: Pick<SavedFile, "digest" | "mode">,
  path: string,
  stage: string,
): void {
  replaceBy(path, stage, (draft) => {
    copyFileSync(stagedPath(stage, digest), draft);
    // Whatever the umask is.
    chmodSync(draft, mode);
  });
}

function replaceBy(path: string, stage: string, make: (draft: string) => void): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) removeEmptyFolder(path);
  const draft = join(stage, "draft");
  rmSync(draft, { force: true });
  make(draft);
  try {
    renameSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    // A folder of the project on another file system; `save` leaves out what has such a name.
    const near = join(dirname(path), `.${basename(path)}${savedExtension}`);
    rmSync(near, { force: true });
    make(near);
    renameSync(near, path);
  }
}

/** With empty folders below. */
function removeEmptyFolder(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) removeEmptyFolder(join(path, entry.name));
  rmdirSync(path);
}

function makeFolders(folder: string, path: string): void {
  const parent = dirname(path);
  if (parent === ".") return;
  makeFolders(folder, parent);
  makeFolder(join(folder, parent));
}

function makeFolder(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return;
  // A file that has become a folder: that it goes has been agreed.
  if (stats) rmSync(path);
  mkdirSync(path);
}

/** With the folders that are empty then; one that is not is kept. */
function removeFrom(folder: string, path: string): void {
  try {
    if (lstatSync(join(folder, path)).isDirectory()) rmdirSync(join(folder, path));
    else rmSync(join(folder, path));
    for (let parent = dirname(path); parent !== "."; parent = dirname(parent))
      rmdirSync(join(folder, parent));
  } catch {
    // Something else is in it.
  }
}
