import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ReynsError } from "../../../errors.ts";
import { shellQuote } from "../../../lib/shell-quote.ts";

/**
 * Checks whether a file can be written, before the work whose result it gets.
 *
 * @throws ReynsError FILE_REFUSED
 */
export function checkReportFile(given: string): void {
  const file = resolve(given);
  const folder = dirname(file);
  const refuse = (reason: string, hint: string): never => {
    throw new ReynsError("FILE_REFUSED", `cannot write ${file}: ${reason}`, { hint });
  };
  const other = "name another file: junit=FILE";
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    refuse(`there is no folder ${folder}`, `create it: mkdir -p ${shellQuote(folder)}`);
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isDirectory()) refuse("it is a folder", other);
  const written = stats === undefined || stats.isFile() ? folder : file;
  try {
    accessSync(written, constants.W_OK);
  } catch {
    refuse(`${written} is not writable`, other);
  }
}
