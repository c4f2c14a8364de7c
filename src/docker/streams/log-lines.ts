import { createLineSplitter } from "../../lib/line-splitter.ts";
import { frameReader, type OutputName } from "./multiplex.ts";

/** A line of a container's log. */
export interface LogLine {
  readonly text: string;
  /** When it was written: RFC 3339 with as many digits as the Engine gives, so that times compare as text. */
  readonly time: string;
}

const timestamp = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) /;
/** A timestamp with the space behind it: Docker's have nine digits after the second, those of Podman 4 have none. */
const longestTimestamp = 31;

/**
 * Reads a log with timestamps. The Engine cuts a line of more than 16 KiB into several entries, and puts a timestamp
 * before each of them; an entry is a frame of the stream.
 *
 * @see https://docs.docker.com/reference/api/engine/ (get container logs)
 */
export function createLogReader(onLine: (line: LogLine) => void): {
  readonly push: (chunk: Buffer) => void;
  readonly end: () => void;
} {
  const outputs = { stdout: createOutput(onLine), stderr: createOutput(onLine) };
  return {
    push: frameReader((output: OutputName, bytes, isStart) => outputs[output].push(bytes, isStart)),
    end: () => Object.values(outputs).forEach((output) => output.end()),
  };
}

function createOutput(onLine: (line: LogLine) => void): {
  readonly push: (bytes: Buffer, isStart: boolean) => void;
  readonly end: () => void;
} {
  /** Of the first entry of the line. */
  let time: string | undefined;
  /** The beginning of an entry whose timestamp is not complete. */
  let head: Buffer | undefined;
  const lines = createLineSplitter((line) => {
    // With a terminal there are no frames, and the timestamp is part of the line.
    const [whole = "", own] = time === undefined ? (timestamp.exec(line) ?? []) : [];
    onLine({ text: line.slice(whole.length).replace(/\r$/, ""), time: time ?? own ?? "" });
    time = undefined;
  });
  const push = (bytes: Buffer, isStart: boolean): void => {
    if (isStart) head = Buffer.alloc(0);
    if (head === undefined) return lines.push(bytes);
    head = Buffer.concat([head, bytes]);
    if (head.length < longestTimestamp && !head.includes(" ")) return;
    const [whole = "", found] = timestamp.exec(head.toString("latin1", 0, longestTimestamp)) ?? [];
    time ??= found;
    const rest = head.subarray(whole.length);
    head = undefined;
    lines.push(rest);
  };
  const end = (): void => {
    if (head && head.length > 0) lines.push(head);
    lines.end();
  };
  return { push, end };
}
