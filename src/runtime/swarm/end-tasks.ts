import type { Engine } from "../../docker/client/engine.ts";
import { listTasks } from "../../docker/services/services.ts";
import type { Service, SwarmTask } from "../../docker/services/types.ts";
import { listMembers } from "../../docker/swarm.ts";
import { pluralize } from "../../lib/pluralize.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import type { StepContext } from "../context.ts";
import { hasEnded } from "./failures.ts";

/** Of Swarm, for a service that names none. */
const standardGraceMs = 10_000;
/** What Swarm may need on top of it to end a task. */
const allowanceMs = 60_000;
const pollMs = 200;

type EndContext = Pick<StepContext, "engine" | "waitAside" | "emit" | "stopTimeout">;

/** A task has the time to end with which it was made, whatever the call says. */
export function warnOfStopTimeout(
  service: Pick<Service, "spec">,
  host: string,
  { emit, stopTimeout }: Pick<EndContext, "emit" | "stopTimeout">,
): void {
  const seconds = graceMsOf(service) / 1000;
  if (stopTimeout === undefined || stopTimeout === seconds) return;
  const message = `${host}: its tasks have ${seconds} s to end, not ${stopTimeout}: of a Swarm service, stopGracePeriod in its definition counts`;
  emit({ kind: "warning", message });
}

function graceMsOf({ spec }: Pick<Service, "spec">): number {
  const { StopGracePeriod } = spec.TaskTemplate.ContainerSpec;
  return StopGracePeriod === undefined ? standardGraceMs : StopGracePeriod / 1e6;
}

/** Waits until the tasks of a service that has been stopped or removed have ended, and names the nodes of those that have not. */
export async function endTasks(
  service: Pick<Service, "id" | "spec">,
  host: string,
  context: EndContext,
): Promise<void> {
  const { engine } = context;
  if (service.spec.Mode.Replicated.Replicas > 0) warnOfStopTimeout(service, host, context);
  const timeoutMs = graceMsOf(service) + allowanceMs;
  const left = await context.waitAside(waitUntilEnded(engine, service.id, timeoutMs));
  if (left.length === 0) return;
  const names = new Map((await listMembers(engine)).map((member) => [member.id, member.machine]));
  const nodes = new Set(left.map(({ node = "" }) => names.get(node) ?? "no node"));
  const count = pluralize(left.length, "task");
  const message = `${host}: after ${Math.round(timeoutMs / 1000)} s, ${count} had not ended, on ${summarizeList([...nodes], 8)}`;
  context.emit({ kind: "warning", message });
}

/** @returns those that have not ended in time */
async function waitUntilEnded(
  engine: Engine,
  service: string,
  timeoutMs: number,
): Promise<readonly SwarmTask[]> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const left = await tasksLeft(engine, service);
    if (left.length === 0 || performance.now() > end) return left;
    await Bun.sleep(pollMs);
  }
}

/** The tasks of a service that have not ended. One on a node that is away ends for Swarm only when that is back. */
export async function tasksLeft(engine: Engine, service: string): Promise<readonly SwarmTask[]> {
  const tasks = await listTasks(engine, service);
  const left = tasks.filter((task) => !hasEnded(task) && task.state !== "shutdown");
  if (left.length === 0) return [];
  const ready = (await listMembers(engine)).filter(({ state }) => state === "ready");
  return left.filter(({ node }) => node === undefined || ready.some(({ id }) => id === node));
}
