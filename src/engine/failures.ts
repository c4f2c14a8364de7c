import { errorWith, type ReynsError } from "../errors.ts";
import { longestChainTo } from "../graph.ts";
import { someOf } from "../some-of.ts";
import { bringsUp, type Step } from "../plan/steps.ts";

/** What went wrong in one step. */
export interface Failure {
  readonly step: Step;
  readonly error: ReynsError;
}

/**
 * The failures of a run as whoever called it needs them: with who waits for what has failed, and with those that were
 * never started, said once.
 */
export function explainFailures(
  failures: readonly Failure[],
  skipped: readonly Step[],
  steps: readonly Step[],
): ReynsError[] {
  const chained = interruptedOnce(failures).map(({ step, error }) =>
    withWaiters(error, step, steps),
  );
  const last = chained.at(-1);
  const left = neverStarted(skipped);
  if (!last || left === undefined) return chained;
  const hint = [left, last.hint].filter(isSaid).join("\n");
  return [...chained.slice(0, -1), errorWith(last, { hint })];
}

/** "never started: api-one, web-one"; undefined when nothing was kept from starting. */
export function neverStarted(skipped: readonly Step[]): string | undefined {
  const hosts = skipped.filter(bringsUp).map(({ title }) => title);
  if (hosts.length === 0) return undefined;
  return `never started: ${someOf(hosts, 12)}`;
}

/** Those that nobody waited for to the end are named in one error. */
function interruptedOnce(failures: readonly Failure[]): Failure[] {
  const left = failures.filter(({ step, error }) => bringsUp(step) && error.code === "INTERRUPTED");
  const [first] = left;
  if (!first || left.length === 1) return [...failures];
  const hosts = someOf(
    left.map(({ step }) => step.title),
    12,
  );
  const message = `interrupted: ${hosts} were started, but not waited for`;
  const others = failures.filter((failure) => !left.includes(failure));
  return [...others, { step: first.step, error: errorWith(first.error, { message }) }];
}

function withWaiters(error: ReynsError, step: Step, steps: readonly Step[]): ReynsError {
  // Of an instance, as its messages begin; an interruption and the project's keys are nobody's own failure.
  if (!bringsUp(step) || !error.message.startsWith(`${step.title}:`)) return error;
  const instances = steps.filter(bringsUp);
  const hosts = new Map(instances.map(({ id, title }) => [id, title]));
  const chain = longestChainTo(instances, step.id).map((id) => hosts.get(id));
  if (chain.length === 1) return error;
  const waits = chain.slice(1).map((host, index) => `${chain[index]} waits for ${host}`);
  return errorWith(error, { hint: [waits.join(", "), error.hint].filter(isSaid).join("\n") });
}

function isSaid(line: string | undefined): line is string {
  return line !== undefined;
}
