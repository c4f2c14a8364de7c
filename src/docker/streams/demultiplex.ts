import { PassThrough, type Readable } from "node:stream";
import { createLineSplitter } from "../../lib/line-splitter.ts";
import { frameReader } from "./multiplex.ts";
import { whenEnded } from "./stream-end.ts";

/**
 * Splits the Engine's multiplexed stream into the two outputs of a process. Both end with the stream; it pauses while
 * one of them is full.
 */
export function demultiplex(source: Readable): { stdout: Readable; stderr: Readable } {
  const outputs = { stdout: new PassThrough(), stderr: new PassThrough() };
  const both = Object.values(outputs);
  const isFull = (): boolean => both.some(({ writableNeedDrain }) => writableNeedDrain);
  const push = frameReader((output, bytes) => void outputs[output].write(bytes));
  source.on("data", (chunk: Buffer) => {
    push(chunk);
    if (isFull()) source.pause();
  });
  // A listener alone does not start a stream that is paused.
  source.resume();
  for (const output of both) output.on("drain", () => void (isFull() || source.resume()));
  void whenEnded(source).then(() => both.forEach((output) => output.end()));
  return outputs;
}

interface FrameLines {
  readonly push: (chunk: Buffer) => void;
  readonly end: () => void;
}

/** Splits both outputs of a multiplexed stream into lines, and reports them in the order in which they arrive. */
export function frameLines(onLine: (line: string) => void): FrameLines {
  const outputs = { stdout: createLineSplitter(onLine), stderr: createLineSplitter(onLine) };
  return {
    push: frameReader((output, bytes) => outputs[output].push(bytes)),
    end: () => Object.values(outputs).forEach((output) => output.end()),
  };
}
