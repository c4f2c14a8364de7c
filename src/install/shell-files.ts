import { lstat, readFile, rm, writeFile } from "node:fs/promises";

/** At the end of each line that the installer has written into a shell's file. */
const mark = "# added by the installer of reyns";

/**
 * Takes the installer's lines out of a shell's file. A file that held nothing else was made by it, and goes. Written
 * through, not replaced: it may be a link, and its mode stays.
 */
export async function takeOutLines(file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch(() => "");
  if (!text.includes(mark)) return;
  const kept = text.split(/(?<=\n)/).filter((line) => !line.trimEnd().endsWith(mark));
  if (kept.length > 0 || (await lstat(file)).isSymbolicLink()) await writeFile(file, kept.join(""));
  else await rm(file);
}
