import { ReynsError } from "../../errors.ts";

/** What took time, from when to when: milliseconds since the process began. */
interface Span {
  readonly category: "phase" | "step" | "engine";
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly details?: Readonly<Record<string, string>>;
}

const file = process.env["REYNS_TRACE"];
const spans: Span[] = [];

/** Whether REYNS_TRACE names a file: else nothing is kept. */
export const isTraced = file !== undefined && file !== "";

/** Keeps what has just ended. */
export function traceEnded(
  category: Span["category"],
  name: string,
  milliseconds: number,
  details?: Span["details"],
): void {
  if (!isTraced) return;
  const to = performance.now();
  spans.push({ category, name, from: to - milliseconds, to, ...(details && { details }) });
}

/** Does a part of a command, and keeps how long it took. */
export async function traced<Value>(
  name: string,
  work: () => Value | Promise<Value>,
): Promise<Value> {
  if (!isTraced) return work();
  const start = performance.now();
  try {
    return await work();
  } finally {
    traceEnded("phase", name, performance.now() - start);
  }
}

/**
 * Writes what was kept to REYNS_TRACE, for Perfetto or chrome://tracing.
 *
 * @throws ReynsError FILE_REFUSED
 * @see https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU Trace Event Format
 */
export async function writeTrace(): Promise<void> {
  if (!file) return;
  try {
    await Bun.write(file, `${JSON.stringify({ traceEvents: traceEvents() })}\n`);
  } catch (cause) {
    const message = `the trace cannot be written: ${(cause as Error).message}`;
    throw new ReynsError("FILE_REFUSED", message, { hint: "mend REYNS_TRACE", cause });
  }
}

const categories = ["phase", "step", "engine"] as const;

/** Spans that overlap without one being in the other need rows of their own: "threads", to the viewers. */
function traceEvents(): object[] {
  return categories.flatMap((category, index) => {
    const own = spans.filter((span) => span.category === category).toSorted(byStart);
    const rows: Span[][] = [];
    for (const span of own) {
      const row = rows.find((others) => others.every((other) => nests(span, other)));
      if (row) row.push(span);
      else rows.push([span]);
    }
    return rows.flatMap((row, number) => {
      const at = { pid: process.pid, tid: index * 1000 + number };
      const name = { ph: "M", name: "thread_name", ...at, args: { name: category } };
      return [name, ...row.map((span) => ({ ...completeEvent(span), ...at }))];
    });
  });
}

function byStart(one: Span, other: Span): number {
  return one.from - other.from || other.to - one.to;
}

function nests(span: Span, earlier: Span): boolean {
  return earlier.to <= span.from || span.to <= earlier.to;
}

/** Times in microseconds. */
function completeEvent({ category, name, from, to, details }: Span): object {
  const times = { ts: Math.round(from * 1000), dur: Math.round((to - from) * 1000) };
  return { ph: "X", cat: category, name, ...times, args: details ?? {} };
}
