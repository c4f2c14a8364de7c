import { ReynsError } from "../../errors.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { isBringUp, type Step } from "../../model/steps.ts";
import { describeSkipped } from "./describe-skipped.ts";

/** Progress of a call when it was interrupted. */
export interface RunProgress {
  readonly done: readonly Step[];
  /** Begun, but not completed. */
  readonly broken: readonly Step[];
  /** Never begun. */
  readonly skipped: readonly Step[];
  /** Their instances run, whether they became ready or not. */
  readonly started: readonly Step[];
  /** Their former containers run again. */
  readonly restored: readonly Step[];
}

interface KindWording {
  readonly kinds: readonly Step["kind"][];
  readonly done: string;
  readonly notDone: string;
}

/** Other kinds do not help to find out what exists now. */
const wordings: readonly KindWording[] = [
  { kinds: ["build-image", "root-image"], done: "built", notDone: "not built" },
  { kinds: ["pull-image"], done: "pulled", notDone: "not pulled" },
  { kinds: ["push-image"], done: "pushed", notDone: "not pushed" },
  { kinds: ["send-image"], done: "sent", notDone: "not sent" },
  { kinds: ["stop-instance"], done: "stopped", notDone: "not stopped" },
  { kinds: ["remove-instance"], done: "removed", notDone: "not removed" },
];

/** The interrupted steps whose instances have started, and run on. */
export function runningSteps(
  { broken, started, restored }: RunProgress,
  failed: ReadonlySet<Step>,
): Step[] {
  return broken.filter(
    (step) => started.includes(step) && !restored.includes(step) && !failed.has(step),
  );
}

/**
 * The error of an interrupted call, with what was done and what was not.
 *
 * @param failed steps with an error of their own, which says what runs of them
 * @param unfinished lines about replacements that are not complete
 */
export function createInterruptedError(
  progress: RunProgress,
  failed: ReadonlySet<Step> = new Set(),
  unfinished: readonly string[] = [],
): ReynsError {
  const { done, skipped, started, restored } = progress;
  const left = progress.broken.filter((step) => !restored.includes(step));
  const broken = left.filter((step) => !failed.has(step));
  const ready = done.filter((step) => isBringUp(step) && !restored.includes(step));
  const running = runningSteps(progress, failed);
  const message =
    running.length === 0
      ? "interrupted"
      : `interrupted: ${joinTitles(running)} started, but may not be ready yet`;
  const starting = broken.filter((step) => isBringUp(step) && !started.includes(step));
  const lines = [
    ...unfinished,
    listTitles("ready", ready),
    listTitles(
      "failed",
      left.filter((step) => isBringUp(step) && failed.has(step)),
    ),
    listTitles("interrupted while starting", starting),
    listTitles("not replaced, the former version runs again", restored),
    ...describeSkipped(skipped),
    ...wordings.flatMap((wording) => describeKinds(wording, progress)),
    'the same command goes on from here; "reyns ps all" shows what there is',
  ];
  const hint = lines.filter((line) => line !== undefined).join("\n");
  return new ReynsError("INTERRUPTED", message, { hint });
}

function describeKinds(
  { kinds, done, notDone }: KindWording,
  progress: RunProgress,
): (string | undefined)[] {
  const isOfKind = ({ kind }: Step): boolean => kinds.includes(kind);
  const left = [...progress.broken, ...progress.skipped];
  return [
    listTitles(done, progress.done.filter(isOfKind)),
    listTitles(notDone, left.filter(isOfKind)),
  ];
}

function listTitles(heading: string, steps: readonly Step[]): string | undefined {
  return steps.length === 0 ? undefined : `${heading}: ${joinTitles(steps)}`;
}

function joinTitles(steps: readonly Step[]): string {
  const titles = steps.map(({ title }) => title);
  return summarizeList(titles, 12);
}
