import { dirname, sep } from "node:path";
import type { Place } from "../errors.ts";

/** Where the user's code called the function of the module "reyns" that runs. */
export function placeOfCaller(file: string): Place {
  return placeInStack(new Error("place").stack ?? "", file);
}

/**
 * Where a stack comes from the user's own code: its first frame in `file` or in a file beside or below it, but for
 * packages.
 */
export function placeInStack(stack: string, file: string): Place {
  const folder = `${dirname(file)}${sep}`;
  const frames = stack.split("\n").filter((line) => line.includes(folder));
  const frame = frames.find((line) => !line.includes(`${sep}node_modules${sep}`)) ?? "";
  const match = /^(.*):(\d+):(\d+)\)?$/.exec(frame.slice(frame.indexOf(folder)).trim());
  if (!match) return { file };
  return { file: match[1] ?? file, line: Number(match[2]), column: Number(match[3]) };
}
