import type { LogLine, LogOptions, LogPart } from "./logs.ts";

/** Which lines of a log. */
export type LogRange = Pick<LogOptions, "tail" | "since">;

/** How far a log has been read, by its parts: their lines arrive out of order, those of tasks on several machines most. */
export interface LogPosition {
  /** What to read, so that no line is missing that has not been read. */
  readonly rangeAfter: (first: LogRange) => LogRange;
  /** Begins to read that. The function that it returns remembers each line, and says whether it is a new one. */
  readonly startReading: () => (line: LogLine, part: LogPart) => boolean;
}

/** Time of the last line of a part, and how many lines of it have this time. */
interface PartPosition {
  readonly time: string;
  readonly count: number;
}

/** @param isService whether it is the log of a service of Docker Swarm, with several tasks */
export function createLogPosition({ isService }: { readonly isService: boolean }): LogPosition {
  const parts = new Map<string, PartPosition>();
  /** Task -> time of the first line that was read of it. What is older was not asked for. */
  const firstTimes = new Map<string, string>();
  let hasStarted = false;
  /** Of the line that was read last: a clock may have been set back. */
  let lastTime: string | undefined;

  const startReading = (): ReturnType<LogPosition["startReading"]> => {
    const [known, knownFirst] = [new Map(parts), new Map(firstTimes)];
    const repeated = new Map<string, number>();
    hasStarted = true;
    const isRead = (key: string, { time }: LogLine, { task }: LogPart): boolean => {
      const before = known.get(key);
      if (!before) return time < (knownFirst.get(task) ?? "");
      if (time !== before.time) return time < before.time;
      const seen = (repeated.get(key) ?? 0) + 1;
      repeated.set(key, seen);
      return seen <= before.count;
    };
    return (line, part) => {
      const { time } = line;
      if (time === "") return true;
      const key = `${part.task} ${part.output}`;
      if (isRead(key, line, part)) return false;
      lastTime = time;
      const last = parts.get(key);
      parts.set(key, { time, count: last?.time === time ? last.count + 1 : 1 });
      if (!firstTimes.has(part.task)) firstTimes.set(part.task, time);
      return true;
    };
  };

  const rangeAfter = (first: LogRange): LogRange => {
    if (!hasStarted) return first;
    if (!isService) {
      if (lastTime === undefined) return first;
      // The Engine stamps a line before it has its turn to be written: one of the other output may be older by a moment.
      return { tail: undefined, since: toSeconds(lastTime, 1) };
    }
    // A line of any task may still be missing, also of one whose last line is old.
    if (first.tail === undefined) return first;
    const [earliest] = [...firstTimes.values()].toSorted();
    const since = earliest === undefined ? first.since : toSeconds(earliest);
    return { tail: undefined, since };
  };
  return { rangeAfter, startReading };
}

/** `2026-01-31T12:00:00.123456789Z`, less some seconds -> `1769860800.123456789` */
function toSeconds(time: string, less = 0): string {
  const [whole = "", fraction = "0"] = time.replace(/Z$/, "").split(".");
  return `${Date.parse(`${whole}Z`) / 1000 - less}.${fraction}`;
}
