import { setTimeout as sleep } from "node:timers/promises";
import { inspectContainer } from "../../docker/containers/containers.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { callFor } from "../../model/copy-origin.ts";
import { labels } from "../../model/labels.ts";
import { isServiceStep } from "../../model/service-steps.ts";
import type { AwaitInstance, StartInstance, Step } from "../../model/steps.ts";
import { hasVersions } from "../../model/versions.ts";
import { contextOf, type RuntimeContext } from "../context.ts";
import { readVersions } from "../versions/store.ts";

/** Milliseconds. */
const patience = 1000;

interface Unfinished {
  readonly host: string;
  readonly isUnhealthy: boolean;
  /** Undefined where no version is recorded. */
  readonly wayBack: string | undefined;
}

/**
 * Describes the replacements of an interrupted call whose new containers run: their former ones are kept, stopped.
 *
 * @param running steps whose instances have started, and that were interrupted
 */
export async function describeUnfinished(
  running: readonly Step[],
  context: RuntimeContext,
): Promise<string[]> {
  const replacements = running.filter(keepsFormer);
  const unfinished = await Promise.all(replacements.map((step) => inspect(step, context)));
  if (unfinished.length === 0) return [];
  const { unhealthy = [], running: others = [] } = Object.groupBy(unfinished, (one) =>
    one.isUnhealthy ? "unhealthy" : "running",
  );
  const isOne = unfinished.length === 1;
  const kept = isOne
    ? "its former version is kept, stopped"
    : "the former versions are kept, stopped";
  const ways = unfinished.flatMap(({ wayBack }) => wayBack ?? []);
  const back = `; go back to ${isOne ? "it" : "them"}: ${summarizeList(ways, 8)}`;
  return [
    ...hostLine("the new version runs, but is unhealthy", unhealthy),
    ...hostLine("the new version runs", others),
    `${kept}${ways.length === 0 ? "" : back}`,
  ];
}

function hostLine(heading: string, unfinished: readonly Unfinished[]): string[] {
  const hosts = unfinished.map(({ host }) => host);
  return hosts.length === 0 ? [] : [`${heading}: ${summarizeList(hosts, 8)}`];
}

/** Not one that starts beside it, or with others: those are undone. Docker Swarm keeps versions of its services. */
function keepsFormer(step: Step): step is StartInstance | AwaitInstance {
  if (isServiceStep(step)) return false;
  if (step.kind === "await-instance")
    return step.former !== undefined && step.ready.kind !== "completed";
  if (step.kind !== "start-instance" || step.predecessor === undefined) return false;
  const isUndone = step.together !== undefined || step.replacing?.order === "start-first";
  return !isUndone && hasVersions(step);
}

async function inspect(
  step: StartInstance | AwaitInstance,
  context: RuntimeContext,
): Promise<Unfinished> {
  const { host } = step;
  const id = step.kind === "await-instance" ? step.containerId : step.spec.name;
  const { engine } = contextOf(context, step);
  // Without an answer the rest is worth saying; who interrupts a call often does so because the Engine does not answer.
  const details = await Promise.race([
    inspectContainer(engine, id).catch(() => undefined),
    sleep(patience, undefined, { ref: false }),
  ]);
  const {
    [labels.service]: service,
    [labels.instance]: instance,
    [labels.project]: project = "",
    [labels.folder]: origin = "",
  } = details?.labels ?? {};
  const versions = readVersions(context.stateFolder, { host, project, origin });
  const call = callFor(origin, `reyns rollback ${service} ${instance}`);
  const wayBack = versions.length === 0 ? undefined : call;
  return { host, isUnhealthy: details?.health === "unhealthy", wayBack };
}
