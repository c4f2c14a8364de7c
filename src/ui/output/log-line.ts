import { harmless } from "./sanitize.ts";
import { say } from "./print.ts";
import { paint } from "./style.ts";
import { flowing } from "./wrap.ts";

const marks = { warn: "yellow", error: "red", debug: "dim" } as const;

/** LOG_LEVEL=DEBUG: every call to the Engine is shown. */
export const isDebugging = process.env["LOG_LEVEL"]?.toUpperCase() === "DEBUG";

/** A message of a type as consola names them, on standard error; without consola, which takes 1 ms to load. */
export function sayLine(type: string, text: string): void {
  const colour = Object.entries(marks).find(([name]) => name === type)?.[1];
  const word = type === "warn" ? "warning" : type;
  const mark = colour === undefined ? "" : `${paint(colour, word, "stderr")} `;
  const indent = mark === "" ? 0 : word.length + 1;
  say(`${mark}${flowing(harmless(text), indent)}`);
}
