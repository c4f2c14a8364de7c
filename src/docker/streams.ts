import { PassThrough, Writable, type Readable } from "node:stream";
import type Docker from "dockerode";
import type { Engine } from "./connect.ts";
import { ask } from "./refusal.ts";

interface Demultiplexer {
  demuxStream(
    source: NodeJS.ReadableStream,
    stdout: NodeJS.WritableStream,
    stderr: NodeJS.WritableStream,
  ): void;
}

/** Splits the Engine's multiplexed stream into the two streams of a process; both end with it. */
export function demultiplex(
  client: Docker,
  source: NodeJS.ReadableStream,
): { stdout: Readable; stderr: Readable } {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  (client.modem as Demultiplexer).demuxStream(source, stdout, stderr);
  const end = (): void => {
    stdout.end();
    stderr.end();
  };
  source.once("end", end);
  source.once("close", end);
  source.once("error", end);
  return { stdout, stderr };
}

/** Calls `onLine` with each line of a multiplexed stream, in the order in which they came. Resolves at its end. */
function eachLine(
  client: Docker,
  source: NodeJS.ReadableStream,
  onLine: (line: string) => void,
): Promise<void> {
  const stdout = lineWriter(onLine);
  const stderr = lineWriter(onLine);
  (client.modem as Demultiplexer).demuxStream(source, stdout, stderr);
  return new Promise((resolve) => {
    const end = (): void => {
      stdout.end();
      stderr.end();
      resolve();
    };
    source.once("end", end);
    source.once("close", end);
    source.once("error", end);
  });
}

/** Takes bytes, gives lines; at once, because lines of two streams have to stay in order. */
function lineWriter(onLine: (line: string) => void): Writable {
  const decoder = new TextDecoder();
  let rest = "";
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line.replace(/\r$/, ""));
      done();
    },
    final(done) {
      if (rest !== "") onLine(rest);
      done();
    },
  });
}

/** The output of a container from its first byte on; attach before the start. */
export interface Output {
  readonly ended: Promise<void>;
  close(): void;
}

/** Follows what a container writes, whatever its log driver. */
export async function attachOutput(
  engine: Engine,
  id: string,
  onLine: (line: string) => void,
): Promise<Output> {
  const options = { stream: true, stdout: true, stderr: true, hijack: true };
  const stream = await ask(engine, (client) => client.getContainer(id).attach(options));
  return {
    ended: eachLine(await engine.client(), stream, onLine),
    close: () => (stream as unknown as { destroy(): void }).destroy(),
  };
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
    const buffer = await ask(engine, (client) =>
      client.getContainer(id).logs({ ...query, follow: false }),
    );
    for (const line of textOf(buffer)) onLine(line);
    return;
  }
  const stream = await ask(engine, (client) =>
    client.getContainer(id).logs({ ...query, follow: true }),
  );
  options.signal?.addEventListener(
    "abort",
    () => (stream as unknown as { destroy(): void }).destroy(),
    { once: true },
  );
  await eachLine(await engine.client(), stream, onLine);
}

/** Lines of a log that came whole: frames of an 8-byte header and a payload, or plain text of a terminal. */
function textOf(buffer: Buffer): string[] {
  const bytes = Buffer.from(buffer);
  const parts: Buffer[] = [];
  let offset = 0;
  while (
    offset + 8 <= bytes.length &&
    (bytes[offset] ?? 9) <= 2 &&
    bytes.readUIntBE(offset + 1, 3) === 0
  ) {
    const length = bytes.readUInt32BE(offset + 4);
    parts.push(bytes.subarray(offset + 8, offset + 8 + length));
    offset += 8 + length;
  }
  const text = Buffer.concat([...parts, bytes.subarray(offset)]).toString("utf8");
  return text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
}
