import { dirname, sep } from "node:path";
import type { Place } from "../errors.ts";

/** Where the user's code called the function of the module "reyns" that is running. */
export function placeOfCaller(file: string): Place {
  return placeInStack(new Error("place").stack ?? "", file);
}

/** The first frame of a stack in the user's own code: in the folder of `file` or below it, outside of `node_modules`. */
export function placeInStack(stack: string, file: string): Place {
  const folder = `${dirname(file)}${sep}`;
  const frames = stack.split("\n").filter((line) => line.includes(folder));
  const frame = frames.find((line) => !line.includes(`${sep}node_modules${sep}`)) ?? "";
  const match = /^(.*):(\d+):(\d+)\)?$/.exec(frame.slice(frame.indexOf(folder)).trim());
  if (!match) return { file };
  return { file: match[1] ?? file, line: Number(match[2]), column: Number(match[3]) };
}
