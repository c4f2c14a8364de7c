import { createConsola, LogLevels, type LogObject } from "consola/core";
import { harmless } from "./harmless.ts";
import { say } from "./print.ts";
import { paint } from "./style.ts";
import { flowing } from "./wrapped.ts";

const marks = { warn: "yellow", error: "red", debug: "dim" } as const;

/** Messages to the person in front of it, on standard error; LOG_LEVEL=DEBUG shows more. */
export const log = createConsola({
  level: process.env["LOG_LEVEL"]?.toUpperCase() === "DEBUG" ? LogLevels.debug : LogLevels.info,
  reporters: [{ log: write }],
});

function write({ type, args }: LogObject): void {
  const colour = Object.entries(marks).find(([name]) => name === type)?.[1];
  const word = type === "warn" ? "warning" : type;
  const mark = colour === undefined ? "" : `${paint(colour, word, "stderr")} `;
  const indent = mark === "" ? 0 : word.length + 1;
  say(`${mark}${flowing(harmless(args.join(" ")), indent)}`);
}
