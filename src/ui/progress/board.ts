import type { RuntimeEvent } from "../../runtime/events.ts";
import { isBringUp, type Step } from "../../model/steps.ts";

/** A step of a plan and its state. */
export interface BoardEntry {
  readonly step: Step;
  state: "pending" | "running" | "done" | "failed" | "skipped";
  /** Its start, in milliseconds; then that of its container, and then of the wait for it, which has a limit. */
  since: number;
  /** What runs has to end first: that time is not the new container's. */
  isStopping: boolean;
  /** Phase of an instance, as "waiting for port 80"; current activity of another step. */
  note: string | undefined;
}

/** The state of every step of a plan while it is applied. Prints nothing. */
export interface Board {
  readonly entries: readonly BoardEntry[];
  /** Returns the entry that it changes; undefined for a step that the plan does not have. */
  readonly apply: (event: RuntimeEvent, now: number) => BoardEntry | undefined;
  readonly running: () => BoardEntry[];
  readonly pending: () => BoardEntry[];
  /** Titles of the unfinished steps before this one. */
  readonly waitsFor: (entry: BoardEntry) => string[];
  /** Counts the instances that the plan brings up; all steps, when it brings up none. */
  readonly count: () => { readonly done: number; readonly total: number; readonly word: string };
}

const finalStates = new Set<BoardEntry["state"]>(["done", "failed", "skipped"]);

export function createBoard(steps: readonly Step[]): Board {
  const entries = steps.map((step): BoardEntry => ({
    step,
    state: "pending",
    since: 0,
    isStopping: false,
    note: undefined,
  }));
  const byId = new Map(entries.map((entry) => [entry.step.id, entry]));
  const instances = entries.filter(({ step }) => isBringUp(step));
  const counted = instances.length > 0 ? instances : entries;
  const inState = (state: BoardEntry["state"]): BoardEntry[] =>
    entries.filter((entry) => entry.state === state);
  return {
    entries,
    apply: (event, now) => {
      const entry = "step" in event ? byId.get(event.step.id) : undefined;
      if (entry) applyEvent(entry, event, now);
      return entry;
    },
    running: () => inState("running").toSorted((a, b) => a.since - b.since),
    pending: () => inState("pending"),
    waitsFor: ({ step }) =>
      step.after.flatMap((id) => {
        const before = byId.get(id);
        return before && !finalStates.has(before.state) ? before.step.title : [];
      }),
    count: () => ({
      done: counted.filter(({ state }) => state === "done").length,
      total: counted.length,
      word: instances.length > 0 ? "ready" : "done",
    }),
  };
}

/* oxlint-disable no-param-reassign -- the board's own entries change with the events */
function applyEvent(entry: BoardEntry, event: RuntimeEvent, now: number): void {
  if (event.kind === "started") {
    entry.state = "running";
    entry.since = now;
  }
  if (event.kind === "phase") entry.note = event.phase;
  if (event.kind === "stopping") {
    entry.isStopping = true;
    entry.note = event.phase;
  }
  if (event.kind === "stopped" || event.kind === "waiting") {
    entry.isStopping = false;
    entry.since = now;
  }
  if (event.kind === "progress") entry.note = event.note;
  if (event.kind === "finished") entry.state = "done";
  if (event.kind === "interrupted") entry.state = "failed";
  if (event.kind === "failed" || event.kind === "skipped") entry.state = event.kind;
}
/* oxlint-enable no-param-reassign */
