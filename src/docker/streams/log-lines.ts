import { isUtf8 } from "node:buffer";
import { createLineSplitter, type LineSplitter } from "../../lib/line-splitter.ts";
import { frameReader, type OutputName } from "./multiplex.ts";

/** A line of a container's log. */
export interface LogLine {
  readonly text: string;
  /** What was written, where that is no UTF-8: the text has U+FFFD in its place. */
  readonly bytes?: Uint8Array;
  /** The program has ended it with CR and LF, other than its terminal, which puts CR before each LF. */
  readonly endsWithReturn?: true;
  /** When it was written: RFC 3339 with as many digits as the Engine gives, so that times compare as text. */
  readonly time: string;
}

/** Where a line comes from. Only the lines of one part are in the order of their times. */
export interface LogPart {
  readonly output: OutputName;
  /** Id of the task of a service of Docker Swarm; of a container, nothing. */
  readonly task: string;
}

export type OnLogLine = (line: LogLine, part: LogPart) => void;

const timestamp = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) /;
/** A timestamp with the space behind it: Docker's have nine digits after the second, those of Podman 4 have none. */
const longestTimestamp = 31;
/** With `details`: `NAME=VALUE,NAME=VALUE` without spaces. */
const timestampAndDetails = new RegExp(`${timestamp.source}(\\S*) `);

/**
 * Reads a log with timestamps. The Engine cuts a line of more than 16 KiB into several entries, and puts a timestamp
 * before each of them; an entry is a frame of the stream.
 *
 * @param options.hasDetails the log of a service, with the details that name the task of each entry
 * @see https://docs.docker.com/reference/api/engine/ (get container logs)
 */
export function createLogReader(
  onLine: OnLogLine,
  { hasDetails = false } = {},
): {
  readonly push: (chunk: Buffer) => void;
  readonly end: () => void;
} {
  const outputs = {
    stdout: createOutput("stdout", onLine, hasDetails),
    stderr: createOutput("stderr", onLine, hasDetails),
  };
  return {
    push: frameReader((output: OutputName, bytes, isStart) => outputs[output].push(bytes, isStart)),
    end: () => Object.values(outputs).forEach((output) => output.end()),
  };
}

interface Output {
  readonly push: (bytes: Buffer, isStart: boolean) => void;
  readonly end: () => void;
}

function createOutput(output: OutputName, onLine: OnLogLine, hasDetails: boolean): Output {
  const prefix = hasDetails ? timestampAndDetails : timestamp;
  /** Those of several tasks mix, also the entries of their long lines. */
  const tasks = new Map<string, TaskLines>();
  const linesOf = (task: string): TaskLines => {
    const known = tasks.get(task) ?? createTaskLines({ output, task }, prefix, onLine);
    tasks.set(task, known);
    return known;
  };
  /** The beginning of an entry whose timestamp and details are not complete. */
  let head: Buffer | undefined;
  let current = linesOf("");
  const push = (bytes: Buffer, isStart: boolean): void => {
    if (isStart) head = Buffer.alloc(0);
    if (head === undefined) return current.push(bytes);
    head = Buffer.concat([head, bytes]);
    if (!isPrefixComplete(head, hasDetails)) return;
    const [whole = "", time, details] = prefix.exec(head.toString("latin1")) ?? [];
    const rest = head.subarray(whole.length);
    head = undefined;
    current = linesOf(taskOf(details));
    current.begin(time);
    current.push(rest);
  };
  const end = (): void => {
    if (head && head.length > 0) current.push(head);
    for (const lines of tasks.values()) lines.end();
  };
  return { push, end };
}

function isPrefixComplete(head: Buffer, hasDetails: boolean): boolean {
  const space = head.indexOf(" ");
  if (hasDetails) return space >= 0 && head.includes(" ", space + 1);
  return space >= 0 || head.length >= longestTimestamp;
}

function taskOf(details = ""): string {
  return /(?:^|,)com\.docker\.swarm\.task\.id=([^,]*)/.exec(details)?.[1] ?? "";
}

interface TaskLines extends Pick<LineSplitter, "end"> {
  readonly push: (bytes: Buffer) => void;
  /** Begins an entry. */
  readonly begin: (time: string | undefined) => void;
}

function createTaskLines(part: LogPart, prefix: RegExp, onLine: OnLogLine): TaskLines {
  /** Of the first entry of the line. */
  let time: string | undefined;
  const onWholeLine = (entry: string): void => {
    // With a terminal there are no frames, and the timestamp is part of the line.
    const [whole = "", own, details] = time === undefined ? (prefix.exec(entry) ?? []) : [];
    const written = entry.slice(whole.length);
    const line = written.replace(/\r$/, "");
    const isReturn = time !== undefined && line !== written;
    const task = details === undefined ? part.task : taskOf(details);
    const ending = isReturn ? { endsWithReturn: true as const } : {};
    onLine({ ...decodeLine(line), time: time ?? own ?? "", ...ending }, { ...part, task });
    time = undefined;
  };
  const { push, end } = createLineSplitter(onWholeLine, { keepsReturn: true });
  return {
    // A character for each byte, so that none is lost, whatever a program writes.
    push: (bytes) => push(bytes.toString("latin1")),
    end,
    begin: (found) => (time ??= found),
  };
}

/** @param line with a character for each byte */
function decodeLine(line: string): Pick<LogLine, "text" | "bytes"> {
  if (!/[\u0080-\u00FF]/.test(line)) return { text: line };
  const bytes = Buffer.from(line, "latin1");
  return { text: bytes.toString(), ...(isUtf8(bytes) ? {} : { bytes }) };
}
