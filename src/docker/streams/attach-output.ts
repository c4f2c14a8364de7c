import { PassThrough, type Readable, type Writable } from "node:stream";
import type { Engine } from "../client/connect.ts";
import { createLineSplitter } from "../../lib/line-splitter.ts";
import { frameReader } from "./multiplex.ts";
import { withClient } from "../client/errors.ts";
import { attachStream } from "../client/request.ts";

/**
 * Splits the Engine's multiplexed stream into the two streams of a process; both end with it, and it waits for whoever
 * reads them.
 */
export function demultiplex(source: Readable): { stdout: Readable; stderr: Readable } {
  const outputs = { stdout: new PassThrough(), stderr: new PassThrough() };
  const both = Object.values(outputs);
  const isFull = (): boolean => both.some(({ writableNeedDrain }) => writableNeedDrain);
  const take = frameReader((output, bytes) => void outputs[output].write(bytes));
  source.on("data", (chunk: Buffer) => {
    take(chunk);
    if (isFull()) source.pause();
  });
  for (const output of both) output.on("drain", () => void (isFull() || source.resume()));
  void whenEnded(source).then(() => both.forEach((output) => output.end()));
  return outputs;
}

/** Ends a stream with a signal, be it one that has come already. */
export function destroyOnAbort(signal: AbortSignal, stream: Readable): void {
  if (signal.aborted) stream.destroy();
  else signal.addEventListener("abort", () => void stream.destroy(), { once: true });
}

/** Calls `onLine` with each line of a multiplexed stream, in the order in which they came. Resolves at its end. */
async function eachLine(source: Readable, onLine: (line: string) => void): Promise<void> {
  const lines = linesOfFrames(onLine);
  source.on("data", lines.take);
  await whenEnded(source);
  lines.end();
}

/** The same for chunks that come otherwise. */
function linesOfFrames(onLine: (line: string) => void): LineReader {
  const outputs = { stdout: createLineSplitter(onLine), stderr: createLineSplitter(onLine) };
  return {
    take: frameReader((output, bytes) => outputs[output].push(bytes)),
    end: () => Object.values(outputs).forEach((output) => output.end()),
  };
}

/** Resolves when nothing more comes of a stream, or goes into it, for whatever reason. */
export function whenEnded(stream: Readable | Writable): Promise<void> {
  return new Promise((resolve) => {
    for (const end of ["end", "close", "error"]) stream.once(end, () => resolve());
  });
}

interface LineReader {
  readonly take: (bytes: Buffer) => void;
  readonly end: () => void;
}

/** The output of a container from its first byte on; attach before the start. */
export interface AttachedOutput {
  readonly ended: Promise<void>;
  readonly close: () => void;
}

/** Follows what a container writes, whatever its log driver. */
export async function attachOutput(
  engine: Engine,
  id: string,
  onLine: (line: string) => void,
): Promise<AttachedOutput> {
  const path = `/containers/${id}/attach?stream=true&stdout=true&stderr=true`;
  const lines = linesOfFrames(onLine);
  const { ended, close } = await attachStream(engine, path, lines.take);
  return { ended: ended.then(lines.end), close };
}

export interface LogOptions {
  readonly follow: boolean;
  /** Lines from the end; all of them when undefined. */
  readonly tail: number | undefined;
  /** Seconds since 1970. */
  readonly since: number | undefined;
  readonly signal?: AbortSignal;
}

/** Reads a container's log, calling `onLine` for each line; resolves at its end (never, when following, until it stops). */
export async function readLog(
  engine: Engine,
  id: string,
  options: LogOptions,
  onLine: (line: string) => void,
): Promise<void> {
  const query = {
    stdout: true as const,
    stderr: true as const,
    ...(options.tail === undefined ? {} : { tail: options.tail }),
    ...(options.since === undefined ? {} : { since: options.since }),
  };
  if (!options.follow) {
    const buffer = await withClient(engine, (client) =>
      client.getContainer(id).logs({ ...query, follow: false }),
    );
    for (const line of textOf(buffer)) onLine(line);
    return;
  }
  const stream = (await withClient(engine, (client) =>
    client.getContainer(id).logs({ ...query, follow: true }),
  )) as Readable;
  const ended = eachLine(stream, onLine);
  if (options.signal) destroyOnAbort(options.signal, stream);
  await ended;
}

/** Lines of a log that came whole. */
function textOf(log: Buffer): string[] {
  const parts: Buffer[] = [];
  frameReader((_, bytes) => parts.push(bytes))(Buffer.from(log));
  const text = Buffer.concat(parts).toString("utf8");
  return text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
}
