import { errorWith, type ReynsError } from "../../errors.ts";
import { longestChainTo } from "../../lib/graph.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { isBringUp, type Step } from "../../model/steps.ts";

/** The error of one step. */
export interface StepFailure {
  readonly step: Step;
  readonly error: ReynsError;
}

/** Adds to each failure which instances depend on it, and to the last one which instances were never started. */
export function explainFailures(
  failures: readonly StepFailure[],
  skipped: readonly Step[],
  steps: readonly Step[],
): ReynsError[] {
  const explained = failures.map(({ step, error }) => withDependencyChain(error, step, steps));
  const last = explained.at(-1);
  const skippedHosts = skipped.filter(isBringUp).map(({ title }) => title);
  if (!last || skippedHosts.length === 0) return explained;
  const neverStarted = `never started: ${summarizeList(skippedHosts, 12)}`;
  return [...explained.slice(0, -1), withFirstHint(last, neverStarted)];
}

function withDependencyChain(error: ReynsError, step: Step, steps: readonly Step[]): ReynsError {
  // Messages about an instance begin with its host name. Others, such as those about keys, concern the whole project.
  if (!isBringUp(step) || !error.message.startsWith(`${step.title}:`)) return error;
  const instances = steps.filter(isBringUp);
  const hosts = new Map(instances.map(({ id, title }) => [id, title]));
  const chain = longestChainTo(instances, step.id).map((id) => hosts.get(id));
  if (chain.length === 1) return error;
  const waits = chain.slice(1).map((host, index) => `${chain[index]} waits for ${host}`);
  return withFirstHint(error, waits.join(", "));
}

function withFirstHint(error: ReynsError, line: string): ReynsError {
  const hint = error.hint === undefined ? line : `${line}\n${error.hint}`;
  return errorWith(error, { hint });
}
