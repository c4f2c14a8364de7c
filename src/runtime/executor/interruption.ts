import { ReynsError } from "../../errors.ts";
import { isBringUp, type Step } from "../../model/steps.ts";
import { summarizeList } from "../../lib/summarize-list.ts";

/** How far an interrupted call had come. */
export interface RunProgress {
  readonly done: readonly Step[];
  /** Begun, and not brought to their end. */
  readonly broken: readonly Step[];
  /** Never begun. */
  readonly skipped: readonly Step[];
  /** Those whose instances run, whether they became ready or not. */
  readonly started: readonly Step[];
}

type Kind = Step["kind"];

interface KindWording {
  readonly kinds: readonly Kind[];
  readonly done: string;
  readonly not: string;
}

/** What is said of each kind; the others are of no use to whoever looks for what there is now. */
const words: readonly KindWording[] = [
  { kinds: ["build-image", "root-image"], done: "built", not: "not built" },
  { kinds: ["pull-image"], done: "pulled", not: "not pulled" },
  { kinds: ["stop-instance"], done: "stopped", not: "not stopped" },
  { kinds: ["remove-instance"], done: "removed", not: "not removed" },
];

/** The error of a call that was interrupted: what exists now, and what does not. */
export function createInterruptedError({
  done,
  broken,
  skipped,
  started,
}: RunProgress): ReynsError {
  const left = broken.filter((step) => started.includes(step));
  const were = left.length === 1 ? "was" : "were";
  const message =
    left.length === 0
      ? "interrupted"
      : `interrupted: ${joinTitles(left)} ${were} started, but not waited for`;
  const making = broken.filter((step) => isBringUp(step) && !started.includes(step));
  const lines = [
    listTitles("ready", done.filter(isBringUp)),
    listTitles("broken off on the way", making),
    listTitles("never started", skipped.filter(isBringUp)),
    ...words.flatMap(({ kinds, done: past, not }) => {
      const isMeant = ({ kind }: Step): boolean => kinds.includes(kind);
      return [
        listTitles(past, done.filter(isMeant)),
        listTitles(not, [...broken, ...skipped].filter(isMeant)),
      ];
    }),
    'the same command goes on from here; "reyns ps all" shows what there is',
  ];
  const hint = lines.filter((one) => one !== undefined).join("\n");
  return new ReynsError("INTERRUPTED", message, { hint });
}

function listTitles(what: string, steps: readonly Step[]): string | undefined {
  return steps.length === 0 ? undefined : `${what}: ${joinTitles(steps)}`;
}

function joinTitles(steps: readonly Step[]): string {
  return summarizeList(
    steps.map(({ title }) => title),
    12,
  );
}
