import { say, writeChunk } from "./print.ts";
import { paint } from "./style.ts";

/** Shows what a task's commands write, as it comes. */
export type Show = (output: "command" | "stdout" | "stderr", text: Uint8Array | string) => void;

/** With `json`, standard output is left to the one document, also by the task's own `console.log`. */
export function showTask(json: boolean): Show {
  if (json) console.log = console.warn;
  return (output, text) => {
    if (output === "command") say(paint("dim", `$ ${String(text)}`, "stderr"));
    else writeChunk(output === "stdout" && !json ? 1 : 2, text);
  };
}
