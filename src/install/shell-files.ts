import { readFile, rm, writeFile } from "node:fs/promises";

/** The end of each line that install.sh added to a shell's startup file. */
const mark = "# added by the installer of reyns";
/** The mark in a file that install.sh created. */
const markOfFile = `${mark}, with this file`;

/**
 * Removes the installer's lines from a shell's startup file, and the file if the installer created it and nothing else
 * is in it. Writes in place, because the file may be a link, and to keep its mode.
 */
export async function removeMarkedLines(file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch(() => "");
  if (!text.includes(mark)) return;
  const lines = text.split(/(?<=\n)/).filter((line) => !line.includes(mark));
  if (lines.length === 0 && text.includes(markOfFile)) await rm(file);
  else await writeFile(file, lines.join(""));
}
