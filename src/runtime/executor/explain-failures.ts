import { errorWith, type ReynsError } from "../../errors.ts";
import { longestChainTo } from "../../lib/graph.ts";
import { isBringUp, type Step } from "../../model/steps.ts";
import { describeSkipped } from "./describe-skipped.ts";

/** The error of one step. */
export interface StepFailure {
  readonly step: Step;
  readonly error: ReynsError;
}

/** Adds to each failure which instances depend on it, and to the last one which instances were not reached. */
export function explainFailures(
  failures: readonly StepFailure[],
  skipped: readonly Step[],
  steps: readonly Step[],
): ReynsError[] {
  const explained = failures.map(({ step, error }) => withDependencyChain(error, step, steps));
  const last = explained.at(-1);
  const left = describeSkipped(skipped);
  if (!last || left.length === 0) return explained;
  return [...explained.slice(0, -1), withFirstHint(last, left.join("\n"))];
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
