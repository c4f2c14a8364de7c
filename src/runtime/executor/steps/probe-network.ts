import { setTimeout as sleep } from "node:timers/promises";
import { errorStatus } from "../../../docker/client/errors.ts";
import type { Engine } from "../../../docker/client/engine.ts";
import { listContainers, type ContainerSummary } from "../../../docker/containers/list.ts";
import { runExec } from "../../../docker/streams/exec.ts";
import { ReynsError } from "../../../errors.ts";
import { labels } from "../../../model/labels.ts";
import type { ProbeNetwork } from "../../../model/probe-network.ts";
import { defaultTimeout } from "../../../model/steps.ts";
import { swarmPorts } from "../../../model/swarm.ts";
import { contextOf, type StepContext } from "../../context.ts";

/** Milliseconds between two attempts. */
const interval = 500;

/** A running container in the network. */
interface ProbedContainer {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly hasBash: boolean;
}

/**
 * Waits until something of this node reaches something of each other node, and back. The first packets after a start may
 * be lost, and machines that were off are away for up to a minute.
 */
export async function probeNetworkStep(
  step: ProbeNetwork,
  context: StepContext,
): Promise<string | undefined> {
  const { network, timeout = defaultTimeout, peers } = step;
  const own = await listEndpoints(context.engine, network);
  const from = own.find(({ hasBash }) => hasBash);
  if (!from) return own.length > 0 ? "nothing here can probe the others" : undefined;
  const end = performance.now() + timeout * 1000;
  await Promise.all(
    peers.map(async (peer) => {
      const [target] = await listEndpoints(contextOf(context, { node: peer }).engine, network);
      if (!target) return;
      const note = `for ${target.name} of ${peer} to answer ${from.name}`;
      context.emit({ kind: "progress", step, note });
      const probing = waitForAnswer(from, target, { context, end });
      if (!(await context.waitAside(probing)))
        throw noAnswer(step, { from, target, peer, timeout });
    }),
  );
  return undefined;
}

async function waitForAnswer(
  from: ProbedContainer,
  target: ProbedContainer,
  { context, end }: { readonly context: StepContext; readonly end: number },
): Promise<boolean> {
  const { engine, signal } = context;
  while (!(await answers(engine, from, target))) {
    if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
    if (performance.now() >= end) return false;
    await sleep(interval, undefined, { signal }).catch(() => {});
  }
  return true;
}

/** The discard port (RFC 863), at which hardly anything listens: a refusal is an answer, too. */
const script = 'exec 3<>"/dev/tcp/$0/9"';

async function answers(
  engine: Engine,
  from: ProbedContainer,
  target: ProbedContainer,
): Promise<boolean> {
  const command = ["timeout", "1", "bash", "-c", script, target.address];
  try {
    const { exitStatus, stderr } = await runExec(engine, from.id, { command, env: ["LC_ALL=C"] });
    return exitStatus === 0 || stderr.includes("refused");
  } catch (error) {
    // It has ended: nothing is known, and whoever waits for it says so.
    if (errorStatus(error) === 409 || errorStatus(error) === 404) return true;
    throw error;
  }
}

/** Tasks of services come and go. */
async function listEndpoints(engine: Engine, network: string): Promise<ProbedContainer[]> {
  const containers = await listContainers(engine, [labels.folder]);
  return containers
    .filter(({ state, labels: values }) => state === "running" && values[labels.role] !== "task")
    .flatMap((container) => endpointOf(container, network));
}

function endpointOf(container: ContainerSummary, network: string): ProbedContainer[] {
  const address = container.networks[network]?.address ?? "";
  if (address === "") return [];
  const { id, name, labels: values } = container;
  return [{ id, name, address, hasBash: values[labels.base] === "true" }];
}

interface Silence {
  readonly from: ProbedContainer;
  readonly target: ProbedContainer;
  readonly peer: string;
  readonly timeout: number;
}

function noAnswer(
  { node = "" }: ProbeNetwork,
  { from, target, peer, timeout }: Silence,
): ReynsError {
  const message = `${from.name} on ${node} does not reach ${target.name} on ${peer} (${target.address}) within ${timeout} s`;
  const hint = `let the machines reach each other at the ports ${swarmPorts}; reyns nodes shows whether all are in the swarm`;
  return new ReynsError("NOT_READY", message, { hint });
}
