import { errorWith, type ReynsError } from "../../errors.ts";
import { longestChainTo } from "../../lib/graph.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { isBringUp, type Step } from "../../model/steps.ts";

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
  const chained = failures.map(({ step, error }) => withDependencyChain(error, step, steps));
  const last = chained.at(-1);
  const left = neverStarted(skipped);
  if (!last || left === undefined) return chained;
  const hint = [left, last.hint].filter(isDefined).join("\n");
  return [...chained.slice(0, -1), errorWith(last, { hint })];
}

/** "never started: api-one, web-one"; undefined when nothing was kept from starting. */
function neverStarted(skipped: readonly Step[]): string | undefined {
  const hosts = skipped.filter(isBringUp).map(({ title }) => title);
  if (hosts.length === 0) return undefined;
  return `never started: ${summarizeList(hosts, 12)}`;
}

function withDependencyChain(error: ReynsError, step: Step, steps: readonly Step[]): ReynsError {
  // Of an instance, as its messages begin; the project's keys are nobody's own failure.
  if (!isBringUp(step) || !error.message.startsWith(`${step.title}:`)) return error;
  const instances = steps.filter(isBringUp);
  const hosts = new Map(instances.map(({ id, title }) => [id, title]));
  const chain = longestChainTo(instances, step.id).map((id) => hosts.get(id));
  if (chain.length === 1) return error;
  const waits = chain.slice(1).map((host, index) => `${chain[index]} waits for ${host}`);
  return errorWith(error, { hint: [waits.join(", "), error.hint].filter(isDefined).join("\n") });
}

function isDefined(line: string | undefined): line is string {
  return line !== undefined;
}
