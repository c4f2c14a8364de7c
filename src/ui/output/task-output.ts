import { log } from "./log.ts";
import { writeRaw } from "./print.ts";
import { paint } from "./style.ts";

/** Shows the output of a task's commands as it comes. */
export type ShowOutput = (
  source: "command" | "stdout" | "stderr",
  text: Uint8Array | string,
) => void;

/** Leaves standard output to one document: the user's own `console.log` goes to standard error. */
export function keepStdoutFree(): void {
  console.log = console.warn;
}

/** @param json leaves standard output to the one document */
export function createTaskOutput(json: boolean): ShowOutput {
  if (json) keepStdoutFree();
  return (source, text) => {
    if (source === "command") log.info(paint("dim", `$ ${String(text)}`, "stderr"));
    else writeRaw(source === "stdout" && !json ? 1 : 2, text);
  };
}
