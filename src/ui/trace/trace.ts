import { ReynsError } from "../../errors.ts";

/** Something that took time; from and to are milliseconds since the start of the process. */
interface Span {
  readonly category: "phase" | "step" | "engine";
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly details?: Readonly<Record<string, string>>;
}

const file = process.env["REYNS_TRACE"];
const spans: Span[] = [];

/** Whether REYNS_TRACE names a file: otherwise nothing is recorded. */
export const isTracing = file !== undefined && file !== "";

/** Records a span that has just ended. */
export function recordSpan(
  category: Span["category"],
  name: string,
  milliseconds: number,
  details?: Span["details"],
): void {
  if (!isTracing) return;
  const to = performance.now();
  spans.push({ category, name, from: to - milliseconds, to, ...(details && { details }) });
}

/** Runs a part of a command, and records how long it took. */
export async function withTrace<Value>(
  name: string,
  work: () => Value | Promise<Value>,
): Promise<Value> {
  if (!isTracing) return work();
  const start = performance.now();
  try {
    return await work();
  } finally {
    recordSpan("phase", name, performance.now() - start);
  }
}

/**
 * Writes the recorded spans to REYNS_TRACE, for Perfetto or chrome://tracing.
 *
 * @throws ReynsError FILE_REFUSED
 * @see https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU Trace Event Format
 */
export async function writeTrace(): Promise<void> {
  if (!file) return;
  try {
    await Bun.write(file, `${JSON.stringify({ traceEvents: traceEvents() })}\n`);
  } catch (cause) {
    const message = `cannot write the trace: ${(cause as Error).message}`;
    const hint = "set REYNS_TRACE to a file that you can write";
    throw new ReynsError("FILE_REFUSED", message, { hint, cause });
  }
}

const categories = ["phase", "step", "engine"] as const;

/** Spans that overlap without being nested need rows of their own, which viewers call threads. */
function traceEvents(): object[] {
  return categories.flatMap((category, index) => {
    const rows: Span[][] = [];
    for (const span of spans.filter((other) => other.category === category).toSorted(byStart)) {
      const row = rows.find((earlier) => earlier.every((other) => canShareRow(span, other)));
      if (row) row.push(span);
      else rows.push([span]);
    }
    return rows.flatMap((row, number) => {
      const thread = { pid: process.pid, tid: index * 1000 + number };
      const name = { ph: "M", name: "thread_name", ...thread, args: { name: category } };
      return [name, ...row.map((span) => ({ ...completeEvent(span), ...thread }))];
    });
  });
}

function byStart(a: Span, b: Span): number {
  return a.from - b.from || b.to - a.to;
}

/** Whether a span begins after an earlier one ended, or ends before it. */
function canShareRow(span: Span, earlier: Span): boolean {
  return earlier.to <= span.from || span.to <= earlier.to;
}

/** Times in microseconds. */
function completeEvent({ category, name, from, to, details }: Span): object {
  const times = { ts: Math.round(from * 1000), dur: Math.round((to - from) * 1000) };
  return { ph: "X", cat: category, name, ...times, args: details ?? {} };
}
