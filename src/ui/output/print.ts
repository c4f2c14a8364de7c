import { writeSync } from "node:fs";
import { hasColours, isLive, isTerminal, type StandardStream } from "./style.ts";
import { sanitizeForTerminal, sanitizeLogLine } from "./sanitize.ts";

/**
 * Prints a result on standard output. Keeps the colours that `paint` adds.
 *
 * @throws OutputClosed as `writeRaw` does
 */
export function print(text: string): void {
  writeRaw(1, `${sanitizeForTerminal(text, () => coloursOf("stdout"))}\n`);
}

/** Prints each of some names or ids once, a line each; nothing where there are none. */
export function printLines(lines: readonly string[]): void {
  if (lines.length > 0) print([...new Set(lines)].join("\n"));
}

function coloursOf(stream: StandardStream): "none" | "own" {
  return hasColours(stream) ? "own" : "none";
}

/**
 * Prints a line of a container's log: on a terminal without what the terminal would obey, elsewhere as it was written. A
 * carriage return, as in progress bars, begins the line again behind the prefix.
 *
 * @param bytes the line where it is no UTF-8
 */
export function printLogLine(line: string, prefix = "", bytes?: Uint8Array): void {
  if (!isTerminal("stdout")) {
    if (!bytes) return writeRaw(1, `${prefix}${line}\n`);
    return writeRaw(1, Buffer.concat([Buffer.from(prefix), bytes, Buffer.from("\n")]));
  }
  const texts = isLive("stdout") ? line.split("\r").filter(Boolean) : [line];
  const shown = texts.map(sanitizeLogLine).join(`\r\u001B[K${prefix}`);
  writeRaw(1, `${prefix}${shown}\n`);
}

/** Prints a result as one JSON document; control characters are escaped, so that the values stay what they are. */
export function printJson(value: unknown): void {
  const document = JSON.stringify(value, undefined, 2);
  writeRaw(1, `${document.replace(unescapedControls, escapeCharacter)}\n`);
}

/** Prints one of several JSON documents, on a line of its own. */
export function printJsonLine(value: unknown): void {
  writeRaw(1, `${JSON.stringify(value).replace(unescapedControls, escapeCharacter)}\n`);
}

/** JSON.stringify escapes C0, but neither DEL, C1 nor what reorders text; the newlines are its own. */
const unescapedControls = /(?!\n)[\p{Cc}\p{Bidi_Control}]/gu;

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Prints on standard error. Where it is closed the text is lost: nobody is there to read why. */
export function printToStderr(text: string): void {
  eraseLine();
  try {
    writeAll(2, `${sanitizeForTerminal(text, () => coloursOf("stderr"))}\n`);
  } catch {}
}

/**
 * Writes as it is.
 *
 * @throws OutputClosed when the reader has gone
 */
export function writeRaw(descriptor: 1 | 2, text: Uint8Array | string): void {
  eraseLine();
  try {
    writeAll(descriptor, text);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EPIPE" ? new OutputClosed() : error;
  }
}

let isDrawn = false;

/** Draws a line of progress on standard error, a terminal, in place of the one before. Whatever is written next takes its place. */
export function drawLine(text: string): void {
  eraseLine();
  try {
    writeAll(
      2,
      sanitizeForTerminal(text, () => coloursOf("stderr")),
    );
    isDrawn = true;
  } catch {}
}

export function eraseLine(): void {
  if (!isDrawn) return;
  isDrawn = false;
  try {
    writeAll(2, "\r\u001B[K");
  } catch {}
}

let isPartial = false;

/** Marks that something is left out, or left undone, which makes the exit status 1. */
export function markPartial(): void {
  isPartial = true;
}

export function wasPartial(): boolean {
  return isPartial;
}

/** Thrown when the reader of standard output has gone, as `head` does. */
export class OutputClosed extends Error {}

/**
 * Writes all of it, also to a non-blocking pipe that is full. `Bun.stdout.writer()` and `process.stdout` would make the
 * pipe non-blocking for the process that writes to it next.
 */
function writeAll(descriptor: number, text: Uint8Array | string): void {
  let rest: Uint8Array = typeof text === "string" ? Buffer.from(text) : text;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Bun.sleepSync(1);
    }
  }
}
