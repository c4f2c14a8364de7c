/** A result, on standard output. */
export function print(text: string): void {
  writeChunk(1, `${text}\n`);
}

/** Bytes from which on Bun 1.4 says nothing when its own writer finds the disk full, or nobody reading. */
const longest = 4096;

/**
 * A result of some lines that people wait for: Bun writes it without `node:fs`, which takes 1 ms to load.
 *
 * @throws OutputClosed as `writeChunk` does
 */
export async function printShort(text: string): Promise<void> {
  const line = `${text}\n`;
  if (Buffer.byteLength(line) >= longest) return print(text);
  try {
    const output = Bun.stdout.writer();
    await output.write(line);
    await output.flush();
  } catch (error) {
    endIfClosed(error);
  }
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
export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
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
