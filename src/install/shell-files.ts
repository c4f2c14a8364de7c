import { readFile, rm, writeFile } from "node:fs/promises";

/** At the end of each line that the installer has written into a shell's file. */
const mark = "# added by the installer of reyns";
/** Of a file that was not there before. */
const markOfFile = `${mark}, with this file`;

/**
 * Takes the installer's lines out of a shell's file; one that it has made, and that holds nothing else, goes. Written
 * through, not replaced: it may be a link, and its mode stays.
 */
export async function removeMarkedLines(file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch(() => "");
  if (!text.includes(mark)) return;
  const kept = text.split(/(?<=\n)/).filter((line) => !line.includes(mark));
  if (kept.length === 0 && text.includes(markOfFile)) await rm(file);
  else await writeFile(file, kept.join(""));
}
