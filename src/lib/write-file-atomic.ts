import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";

/**
 * Writes a file completely or not at all: if the disk is full or the process is killed, the old file stays.
 *
 * @param mode permission bits
 * @throws the file system's error, with the file as its path
 */
export function writeFileAtomic(file: string, text: string, mode = 0o644): void {
  writeDraft(file, text, mode, (draft) => renameSync(draft, file));
}

/**
 * The same for a file that must not exist yet.
 *
 * @throws the file system's error: EEXIST if it exists
 */
export function createFileAtomic(file: string, text: string, mode = 0o644): void {
  writeDraft(file, text, mode, (draft) => {
    try {
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
      // A file system without hard links, such as FAT.
      copyFileSync(draft, file, constants.COPYFILE_EXCL);
    }
  });
}

function writeDraft(
  file: string,
  text: string,
  mode: number,
  moveIntoPlace: (draft: string) => void,
): void {
  const draft = `${file}.${process.pid}`;
  try {
    // Never into what is there: it may be a link.
    rmSync(draft, { force: true });
    writeFileSync(draft, text, { mode, flag: "wx" });
    chmodSync(draft, mode);
    moveIntoPlace(draft);
  } catch (error) {
    throw Object.assign(error as Error, { path: file });
  } finally {
    rmSync(draft, { force: true });
  }
}
