import { createProgress } from "../../ui/progress/progress.ts";
import { withTrace } from "../../ui/trace/trace.ts";
import { withStepTrace } from "../../ui/trace/steps.ts";
import { createDnsAccess, type DnsAccess } from "../../runtime/dns/client.ts";
import { lazyDelivery } from "../../runtime/delivery/lazy-delivery.ts";
import { executeSteps } from "../../runtime/executor/execute.ts";
import type { Engine } from "../../runtime/connect.ts";
import type { RuntimeContext } from "../../runtime/context.ts";
import { keysFolder, stateFolder } from "../../model/resource-names.ts";
import type { ProjectFolder } from "../../model/project.ts";
import type { Step } from "../../model/steps.ts";
import { connectEngine } from "./context.ts";
import type { LockedProject } from "./with-project-lock.ts";

export interface ApplyOptions {
  readonly locked: LockedProject;
  readonly place: ProjectFolder;
  /** Shows the whole output of builds. */
  readonly verbose?: boolean;
  /** Redraws nothing, as other output comes meanwhile. */
  readonly isPlain?: boolean | undefined;
  /** Seconds to end after a stop signal, instead of each container's own. */
  readonly stopTimeout?: number | undefined;
}

/** Applies steps and shows their progress. */
export async function applyPlanNow(
  steps: readonly Step[],
  engine: Engine,
  { locked, place, verbose = false, isPlain = false, stopTimeout }: ApplyOptions,
): Promise<void> {
  const progress = await createProgress({ steps, verbose, isPlain });
  try {
    const keys = keysFolder(place);
    const dnsOf = (own: Engine, peers: readonly Engine[] = []): DnsAccess =>
      createDnsAccess(own, { origin: place.origin, keysFolder: keys, peers });
    const context = {
      engine,
      emit: withStepTrace(progress.emit),
      signal: locked.signal,
      jobs: locked.jobs,
      stopTimeout,
      holdProcess: locked.holdExit,
      keysFolder: keys,
      stateFolder: stateFolder(place),
      dns: dnsOf(engine),
      onNode: nodeContexts(engine, dnsOf),
      machines: engine.fleet?.members.map((member) => member.engine),
      connectOwn: connectEngine,
    };
    await using delivery = lazyDelivery(steps, context);
    const whole = { ...context, delivery: delivery.open };
    await withTrace("apply the plan", () => executeSteps(steps, whole));
  } finally {
    progress.close();
  }
}

/** Looks up what is different on each node; undefined where there is only one Engine. */
function nodeContexts(
  { fleet }: Engine,
  dnsOf: (engine: Engine, peers: readonly Engine[]) => DnsAccess,
): RuntimeContext["onNode"] {
  if (!fleet) return undefined;
  const engines = fleet.members.map(({ engine }) => engine);
  const contexts = new Map(
    fleet.members.map(({ name, engine }) => {
      const peers = engines.filter((one) => one !== engine);
      return [name, { engine, dns: dnsOf(engine, peers) }];
    }),
  );
  return (name) => {
    const context = contexts.get(name);
    if (!context) throw new Error(`a step on ${name}, which is not connected`);
    return context;
  };
}
