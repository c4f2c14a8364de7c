/**
 * A result, on standard output. By Bun's own write, because `node:fs` takes 1 ms to load; not by its writer, which leaves
 * a pipe that does not wait to whoever writes to it next.
 *
 * @throws OutputClosed as `writeChunk` does
 */
export async function print(text: string): Promise<void> {
  let left = new TextEncoder().encode(`${text}\n`);
  try {
    while (left.length > 0)
      left = left.subarray(await Bun.write(Bun.stdout, left.subarray(0, piece)));
  } catch {
    // What is wrong is told better there.
    writeChunk(1, left);
  }
}

/**
 * Bytes that a pipe takes as a whole or not at all, because of a write that is cut Bun repeats the beginning; and no more
 * than 1024, or it makes room in a file first, of which a gap stays when it appends.
 *
 * @see https://man7.org/linux/man-pages/man7/pipe.7.html PIPE_BUF: 4096, and POSIX's least is 512
 */
const piece = process.platform === "linux" ? 1024 : 512;

/** A line of an output that comes bit by bit. */
export function writeLine(line: string): void {
  writeChunk(1, `${line}\n`);
}

/**
 * A part of an output, as it is.
 *
 * @throws OutputClosed when nobody reads any more where it goes: the rest is not wanted either
 */
export function writeChunk(descriptor: 1 | 2, text: Uint8Array | string): void {
  try {
    writeAll(descriptor, text);
  } catch (error) {
    endIfClosed(error);
  }
}

function endIfClosed(error: unknown): never {
  throw (error as NodeJS.ErrnoException).code === "EPIPE" ? new OutputClosed() : error;
}

/** Thrown when the reader of standard output has gone, as `head` does. */
export class OutputClosed extends Error {}

/** All of it, also to a pipe that does not wait. */
function writeAll(descriptor: number, text: Uint8Array | string): void {
  const { writeSync } = process.getBuiltinModule("node:fs");
  let bytes: Uint8Array = typeof text === "string" ? Buffer.from(text) : text;
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Bun.sleepSync(1);
    }
  }
}

/** A result as one JSON document. */
export function printJson(value: unknown): Promise<void> {
  return print(JSON.stringify(value, undefined, 2));
}

let quiet = false;

/** From here on only results and errors are shown. */
export function beQuiet(): void {
  quiet = true;
}

export function isQuiet(): boolean {
  return quiet;
}

/** Progress, or a note to the person in front of it, on standard error; not when it is to be quiet. */
export function say(text: string): void {
  if (!quiet) tell(text);
}

/** What has to be known, on standard error: errors, and what a question is about. Never part of the result. */
export function tell(text: string): void {
  // Not console.error, which Bun paints red on a terminal, a dumb one too.
  console.warn(text);
}
