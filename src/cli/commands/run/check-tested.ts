import { ReynsError, throwAll } from "../../../errors.ts";
import { labels } from "../../../model/labels.ts";
import type { Observed, ObservedInstance } from "../../../model/observed.ts";
import { shortId } from "../../../model/receipt.ts";
import { isRandomInstanceName } from "../../../model/resource-names.ts";
import type { Step } from "../../../model/steps.ts";
import { testedNames } from "../../../plan/receipts/tested-names.ts";
import type { RunPlan } from "../../../plan/run-plan.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { observeLifetimes } from "../../../runtime/observe/lifetimes.ts";
import { changeSince } from "../../../runtime/receipts/mount-change.ts";
import type { MatchedReceipt } from "../../common/receipts/match.ts";
import type { RunOptions } from "./options.ts";

/** An instance that is there, and what the receipt says of it. */
export interface TestedInstance extends Pick<
  ObservedInstance,
  "host" | "service" | "instance" | "imageId"
> {
  /** The host name of the receipt. */
  readonly tested: string;
  /** When its container started, in milliseconds since 1970; undefined before its first start. */
  readonly startedAt: number | undefined;
}

/**
 * Looks at the instances of a receipt that are there.
 *
 * @returns what makes sure that a plan starts nothing but what was tested, and that what runs on is that as well; it
 *   throws ReynsErrors RECEIPT_MISMATCH
 */
export async function testedCheck(
  matched: MatchedReceipt,
  observed: Observed,
  { project }: RunOptions,
  engine: Engine,
): Promise<(plan: RunPlan) => void> {
  const names = testedNames(project, observed.instances);
  const instances = observed.instances.filter(({ host }) =>
    matched.images.has(names.get(host) ?? host),
  );
  const lifetimes = await observeLifetimes(engine, instances);
  const existing = instances.map(({ id, host, service, instance, imageId }): TestedInstance => {
    const started = lifetimes.get(id)?.startedAt;
    const startedAt = started === undefined ? undefined : Date.parse(started);
    return { host, service, instance, imageId, tested: names.get(host) ?? host, startedAt };
  });
  return (plan) => checkTested(plan, existing, matched);
}

/** @throws ReynsErrors RECEIPT_MISMATCH */
export function checkTested(
  { steps, unchanged }: Pick<RunPlan, "steps" | "unchanged">,
  existing: readonly TestedInstance[],
  matched: MatchedReceipt,
): void {
  const starting = hostsOf(steps, "start-instance");
  // A container that starts again mounts what is there by then.
  const restarting = hostsOf(steps, "restart-instance");
  const changes = new Map(unchanged.map((one) => [one.host, one.changes]));
  const others = existing.filter(({ host }) => !starting.has(host));
  const known = new Set(existing.map(({ host }) => host));
  throwAll([
    ...steps.flatMap((step) => (isMaking(step) ? makingError(step) : [])),
    ...steps.flatMap((step) => notCompared(step, known, matched)),
    ...others.flatMap((one) => runningErrors(one, changes.get(one.host), matched)),
    ...others
      .filter(({ host }) => !restarting.has(host))
      .flatMap((one) => olderErrors(one, matched)),
  ]);
}

function hostsOf(
  steps: readonly Step[],
  kind: "start-instance" | "restart-instance",
): ReadonlySet<string> {
  return new Set(steps.flatMap((step) => (step.kind === kind ? step.host : [])));
}

function runningErrors(
  { host, service, instance, imageId, tested }: TestedInstance,
  parts: readonly string[] = [],
  { images }: MatchedReceipt,
): ReynsError[] {
  const isTested = imageId === images.get(tested)?.id;
  const found = isTested ? parts : [`image ${shortId(imageId)}`, ...parts];
  if (found.length === 0) return [];
  const hint = `replace it: reyns rerun ${service} ${instance}`;
  const message = `${host} runs with what was not tested: ${found.join(", ")}`;
  return [new ReynsError("RECEIPT_MISMATCH", message, { hint })];
}

/** A container may have read a file, or still have mounted it, as it was at its start. */
function olderErrors(
  { host, service, instance, tested, startedAt }: TestedInstance,
  { changes }: MatchedReceipt,
): ReynsError[] {
  if (startedAt === undefined) return [];
  const change = changeSince(changes.get(tested) ?? [], startedAt);
  if (!change) return [];
  const message = `${host} has run since before ${change.path} was changed, and may have what was there then`;
  const hint = `restart it: reyns rerun ${service} ${instance}`;
  return [new ReynsError("RECEIPT_MISMATCH", message, { hint })];
}

/** The instances that share a network with a replaced one start with it, though the call does not name them. */
function notCompared(
  step: Step,
  known: ReadonlySet<string>,
  { images }: MatchedReceipt,
): ReynsError[] {
  if (step.kind !== "start-instance" && step.kind !== "restart-instance") return [];
  if (images.has(step.host) || known.has(step.host)) return [];
  if (step.kind === "start-instance" && isUnnamed(step.spec.labels, images)) return [];
  const message = `${step.host} would start as well, and this call compares it with no receipt`;
  const hint = "run all that was tested: reyns run all receipt=FILE";
  return [new ReynsError("RECEIPT_MISMATCH", message, { hint })];
}

/** A new instance without a name of its own gets a random one. */
function isUnnamed(
  values: Readonly<Record<string, string>>,
  images: MatchedReceipt["images"],
): boolean {
  const name = values[labels.instance] ?? "";
  return isRandomInstanceName(name) && images.has(`${values[labels.service]}-any-1`);
}

type MakingStep = Extract<Step, { kind: "build-image" | "pull-image" | "root-image" }>;

function isMaking(step: Step): step is MakingStep {
  return ["build-image", "pull-image", "root-image"].includes(step.kind);
}

/** Images of instances are compared before: others are of the helpers of the project. */
function makingError({ image }: MakingStep): ReynsError {
  const message = `the image ${image}, which Reyns needs here, is missing, and a run by receipt makes none`;
  return new ReynsError("RECEIPT_MISMATCH", message, { hint: "make it first: reyns init" });
}
