import type { RuntimeEvent } from "../../runtime/events.ts";
import { defaultTimeout, isBringUp, type Step } from "../../model/steps.ts";
import { formatSeconds } from "../output/duration.ts";
import { sanitizeLine } from "../output/sanitize.ts";
import { paint } from "../output/style.ts";
import { symbols } from "../output/symbols.ts";
import type { BoardEntry } from "./board.ts";

type FinishedEvent = Extract<RuntimeEvent, { kind: "finished" }>;

const verbs: Readonly<Record<Step["kind"], { doing: string; done: string }>> = {
  "root-image": { doing: "making", done: "made" },
  "build-image": { doing: "building", done: "built" },
  "pull-image": { doing: "pulling", done: "pulled" },
  "push-image": { doing: "pushing", done: "pushed" },
  "tag-image": { doing: "tagging", done: "tagged" },
  "send-image": { doing: "sending", done: "sent" },
  "create-network": { doing: "creating", done: "created" },
  "probe-network": { doing: "waiting", done: "done" },
  "start-instance": { doing: "starting", done: "ready" },
  "restart-instance": { doing: "starting", done: "ready" },
  "set-aside": { doing: "stopping", done: "stopped" },
  "await-instance": { doing: "waiting", done: "ready" },
  "await-name": { doing: "waiting", done: "registered" },
  "stop-instance": { doing: "stopping", done: "stopped" },
  "remove-instance": { doing: "removing", done: "removed" },
  "remove-network": { doing: "removing", done: "removed" },
  "remove-data": { doing: "removing", done: "removed" },
  "remove-volume": { doing: "removing", done: "removed" },
  "configure-router": { doing: "updating", done: "updated" },
  "keep-leases": { doing: "updating", done: "updated" },
  "remove-keeper": { doing: "removing", done: "removed" },
};

/** The line that stays on the screen after an event, if the event deserves one. */
export function permanentLine(event: RuntimeEvent): string | undefined {
  switch (event.kind) {
    case "finished":
      return shouldLog(event) ? finishedLine(event) : undefined;
    case "failed": {
      const mark = paint("red", symbols().failed, "stderr");
      return `${mark} ${titleOf(event.step)} failed  ${dim(formatSeconds(event.seconds))}`;
    }
    case "interrupted":
      // What ran before runs on.
      return event.step.kind === "await-instance"
        ? undefined
        : dim(`- ${titleOf(event.step)} interrupted  ${formatSeconds(event.seconds)}`);
    case "skipped":
      // Skipped instances are listed in the error, all at once.
      return "host" in event.step || innerKinds.has(event.step.kind)
        ? undefined
        : dim(`- ${titleOf(event.step)} skipped`);
    default:
      return undefined;
  }
}

export function titleOf({ title, node }: Step): string {
  return sanitizeLine(node === undefined ? title : `${node}: ${title}`);
}

/** Steps that get a line only when they take long: they usually change nothing, or happen beside what was asked for. */
const quietKinds: ReadonlySet<Step["kind"]> = new Set([
  "await-name",
  "probe-network",
  "keep-leases",
  "remove-keeper",
]);

/** Steps that nobody asks for by name: their line says what has changed, and nothing where they were skipped. */
const innerKinds: ReadonlySet<Step["kind"]> = new Set([
  ...quietKinds,
  "create-network",
  "configure-router",
]);

/** Steps whose note is their outcome, which replaces the usual verb. */
const outcomeKinds: ReadonlySet<Step["kind"]> = new Set([
  "build-image",
  "send-image",
  "pull-image",
  "push-image",
  "remove-network",
]);

function shouldLog({ step, seconds }: FinishedEvent): boolean {
  // The call itself lists all that is up to date.
  if (step.kind === "await-instance") return false;
  return !quietKinds.has(step.kind) || seconds > 1;
}

function finishedLine({ step, seconds, note }: FinishedEvent): string {
  const mark = paint("green", symbols().done, "stderr");
  const isOutcome = outcomeKinds.has(step.kind) && note !== undefined;
  const outcome = isOutcome ? note : doneVerb(step);
  const replaced = step.kind === "start-instance" && step.predecessor !== undefined;
  const details = [
    ...(isOutcome || note === undefined ? [] : [note]),
    ...(replaced ? [step.reason] : []),
  ];
  const rest = [...details, formatSeconds(seconds)].map(sanitizeLine).join("  ");
  return `${mark} ${titleOf(step)} ${sanitizeLine(outcome)}  ${dim(rest)}`;
}

function doneVerb(step: Step): string {
  return isJob(step) ? "done" : verbs[step.kind].done;
}

function isJob(step: Step): boolean {
  return isBringUp(step) && step.ready.kind === "completed";
}

/** The phase of an instance, or the current activity of another step. */
export function currentPhase({ step, note }: BoardEntry): string {
  const { doing } = verbs[step.kind];
  if (note === undefined) return doing;
  const text = sanitizeLine(note).replace(/\s+/g, " ");
  return isBringUp(step) ? text : `${doing}: ${text}`;
}

/** "3.2s"; with the timeout when it takes long: "12s of 60s". Past that, a health check has its own limit. */
export function formatElapsed({ step, since, isStopping }: BoardEntry, now: number): string {
  const seconds = (now - since) / 1000;
  const limit = isStopping ? undefined : timeoutOf(step);
  const isShown = limit !== undefined && seconds >= 10 && seconds <= limit;
  return `${formatSeconds(seconds)}${isShown ? ` of ${limit}s` : ""}`;
}

function timeoutOf(step: Step): number | undefined {
  if (!isBringUp(step)) return undefined;
  return step.timeout ?? (isJob(step) ? undefined : defaultTimeout);
}

function dim(text: string): string {
  return paint("dim", text, "stderr");
}
