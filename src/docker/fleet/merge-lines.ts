import { PassThrough, type Readable } from "node:stream";
import { createLineSplitter } from "../../lib/line-splitter.ts";
import { whenEnded } from "../streams/stream-end.ts";

interface LineSource {
  readonly stream: NodeJS.ReadableStream;
  /** Sees each line before it is passed on. */
  readonly onLine: (line: string) => void;
}

/** The lines of several streams as one, which ends when one of them does. Destroying it destroys them. */
export function mergeLines(sources: readonly LineSource[]): Readable {
  const merged = new PassThrough();
  const streams = sources.map(({ stream }) => stream as Readable);
  for (const { stream, onLine } of sources) {
    const lines = createLineSplitter((line) => {
      onLine(line);
      merged.write(`${line}\n`);
    });
    stream.on("data", lines.push);
  }
  void Promise.race(streams.map(whenEnded)).then(() => merged.end());
  merged.once("close", () => {
    for (const stream of streams) stream.destroy();
  });
  return merged;
}
