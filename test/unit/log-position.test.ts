// A log is read several times: while it is followed, to its end, and when it goes on. Nothing may be lost or doubled.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { LogLine, LogPart } from "../../src/runtime/sessions/logs.ts";
import { createLogPosition } from "../../src/runtime/sessions/log-position.ts";
import { cases } from "../support/random.ts";

type Entry = readonly [LogLine, LogPart];

/** A line of a second, which is also its text. */
function entry(task: string, second: number, output: LogPart["output"] = "stdout"): Entry {
  const digits = String(second).padStart(2, "0");
  const time = `2026-01-31T12:00:${digits}.000000000Z`;
  return [
    { text: `${task}${digits}`, time },
    { output, task },
  ];
}

const start = Date.parse("2026-01-31T12:00:00Z") / 1000;

/** The lines that an Engine sends of a log: from a time on, and the last ones of each task. */
function send(log: readonly Entry[], { tail, since }: { tail?: number; since?: string }): Entry[] {
  const isNewer = ([{ time }]: Entry): boolean =>
    since === undefined || Date.parse(time) / 1000 >= Number(since);
  const newer = log.filter(isNewer);
  if (tail === undefined) return newer;
  const byTask = Map.groupBy(newer, ([, { task }]) => task);
  const last = new Set([...byTask.values()].flatMap((lines) => (tail ? lines.slice(-tail) : [])));
  return newer.filter((line) => last.has(line));
}

interface Reading {
  readonly isService: boolean;
  readonly first?: { tail?: number; since?: string };
}

/** What is shown of readings, each of what the log has then. */
function read(
  { isService, first = {} }: Reading,
  ...logs: readonly (readonly Entry[])[]
): string[] {
  const position = createLogPosition({ isService });
  return logs.flatMap((log) => {
    const { tail, since } = position.rangeAfter({ tail: first.tail, since: first.since });
    const isNew = position.startReading();
    const range = {
      ...(tail === undefined ? {} : { tail }),
      ...(since === undefined ? {} : { since }),
    };
    return send(log, range)
      .filter((line) => isNew(...line))
      .map(([{ text }]) => text);
  });
}

test("a line of a task that arrives after newer ones of another task is not lost", () => {
  const [late, newer] = [entry("a", 5), entry("b", 10)];
  expect(read({ isService: true }, [newer], [late, newer])).toEqual(["b10", "a05"]);
  expect(
    read(
      { isService: true, first: { tail: 5 } },
      [entry("a", 1), newer],
      [entry("a", 1), late, newer],
    ),
  ).toEqual(["a01", "b10", "a05"]);
});

test("of a task, no line is shown that is older than the last ones that were asked for", () => {
  const log = [entry("a", 1), entry("a", 2, "stderr"), entry("a", 3), entry("b", 4)];
  const first = { tail: 1 };
  expect(read({ isService: true, first }, log, [...log, entry("b", 5)])).toEqual([
    "a03",
    "b04",
    "b05",
  ]);
});

test("a line on one output of a container that is older than the last one of the other is shown once", () => {
  const [out, error] = [entry("", 5), entry("", 6, "stderr")];
  expect(read({ isService: false }, [error, out], [error, out])).toEqual(["06", "05"]);
  const late = entry("", 6);
  expect(read({ isService: false }, [out, error], [out, error, late])).toEqual(["05", "06", "06"]);
});

test("lines of one time are told apart by their number", () => {
  const same = (count: number): Entry[] => Array.from({ length: count }, () => entry("a", 7));
  for (const isService of [true, false])
    expect(read({ isService }, same(2), same(3), same(3))).toEqual(["a07", "a07", "a07"]);
});

test("whatever has arrived of each task when, each line of a service is shown once", () => {
  const lines = fc.array(
    fc.record({
      task: fc.constantFrom("a", "b", "c"),
      second: fc.nat(59),
      output: fc.constantFrom("stdout" as const, "stderr" as const),
    }),
    { maxLength: 30 },
  );
  const seen = fc.array(fc.record({ a: fc.nat(30), b: fc.nat(30), c: fc.nat(30) }));
  fc.assert(
    fc.property(lines, seen, (given, arrived) => {
      const log = given
        .toSorted((x, y) => x.second - y.second)
        .map(({ task, second, output }) => entry(task, second, output));
      // Of each task, what it has written first arrives first.
      const partly = arrived.map((counts) => {
        const left = new Map(Object.entries(counts));
        return log.filter(([, { task }]) => {
          const count = left.get(task) ?? 0;
          left.set(task, count - 1);
          return count > 0;
        });
      });
      const shown = read({ isService: true, first: { since: String(start) } }, ...partly, log);
      expect(shown.toSorted()).toEqual(log.map(([{ text }]) => text).toSorted());
    }),
    { numRuns: cases(100) },
  );
});
