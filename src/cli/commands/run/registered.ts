import { setTimeout as sleep } from "node:timers/promises";
import { hasCode, ReynsError } from "../../../errors.ts";
import type { Project } from "../../../model/project.ts";
import type { RegisteredZone } from "../../../model/registered.ts";
import { keysFolder } from "../../../model/resource-names.ts";
import { defaultTimeout } from "../../../model/steps.ts";
import type { AskedDns } from "../../../plan/checks/other-machines.ts";
import type { ElsewhereDefined } from "../../../plan/resolve/elsewhere.ts";
import type { RunPlan } from "../../../plan/run-plan.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { createDnsAccess } from "../../../runtime/dns/client.ts";
import { createDnsRouter } from "../../../runtime/dns/route.ts";
import { undefinedIfSilent } from "../../../runtime/dns/retry.ts";
import { isAnswering, lookUpRegistered, readRegistered } from "../../../runtime/dns/zone.ts";
import { hasKeys } from "../../../runtime/keys/store.ts";
import { log } from "../../../ui/output/log.ts";

export interface WaitForOthers {
  readonly timeout: number | undefined;
  readonly signal: AbortSignal;
  /** Waits without the project's lock, which the call that registers them may need. */
  readonly waitAside: <Value>(waiting: () => Promise<Value>) => Promise<Value>;
}

/** What a run on several machines is planned with. */
export interface AcrossContext {
  readonly project: Project;
  readonly engine: Engine;
  /** How long to wait for what links lead to on other machines; not at all when undefined. */
  readonly wait?: WaitForOthers;
}

/** Plans again with what the DNS has registered, where the plan starts something that it registers. */
export async function planWithRegistered(
  planner: (registered?: RegisteredZone) => RunPlan,
  context: AcrossContext,
): Promise<RunPlan> {
  const alone = planner();
  const { dns } = alone;
  if (!dns) return alone;
  const read = createReader(dns, lacking(alone), context);
  const registered = await read();
  if (!registered) return alone;
  const plan = planner(registered);
  const awaited = lacking(plan);
  const { wait } = context;
  if (!wait || awaited.length === 0) return plan;
  return planner(await wait.waitAside(() => waitForRegistered(awaited, read, wait)));
}

/** The instances of other groups whose addresses a plan lacks. */
function lacking({ missing }: RunPlan): ElsewhereDefined[] {
  return missing.flatMap(({ elsewhere }) => (elsewhere?.isRegistered ? elsewhere : []));
}

type ReadRegistered = () => Promise<RegisteredZone | undefined>;

/**
 * Reads what a DNS has registered; undefined where it does not answer, which the start itself reports. Of one that is
 * about to be replaced, and that has other keys, only the instances are looked up.
 */
function createReader(
  dns: AskedDns,
  instances: readonly ElsewhereDefined[],
  { project, engine }: AcrossContext,
): ReadRegistered {
  const keys = keysFolder(project);
  const access = createDnsAccess(engine, { origin: project.origin, keysFolder: keys });
  const route = createDnsRouter(engine, project.origin);
  const lookUp: ReadRegistered = async () =>
    lookUpRegistered(instances, dns, await route(dns.server)).catch(undefinedIfSilent);
  return async () => {
    if (hasKeys(keys)) {
      return readRegistered(dns, access).catch((error: unknown) =>
        dns.isReplaced && hasCode(error, "DNS_REFUSED") ? lookUp() : undefinedIfSilent(error),
      );
    }
    if (dns.isReplaced) return lookUp();
    if (await isAnswering(dns.server, await route(dns.server))) throw keysMissing(dns.server);
  };
}

/** Found out at the end of the run, new keys would have been made here, which nothing else has. */
function keysMissing(server: string): ReynsError {
  const message = `there are no keys here, and the DNS at ${server} accepts only the project's own`;
  const hint =
    'copy them from the machine that runs it: "reyns keys export" there, "reyns keys import FILE" here';
  return new ReynsError("KEYS_UNUSABLE", message, { hint });
}

/** Milliseconds between two looks. */
const interval = 1000;

/** Waits for instances of other groups that links lead to, and that the DNS has not registered yet. */
async function waitForRegistered(
  awaited: readonly ElsewhereDefined[],
  read: ReadRegistered,
  { timeout = defaultTimeout, signal }: WaitForOthers,
): Promise<RegisteredZone | undefined> {
  const names = awaited.map(({ host, group }) => `${host} of the group ${group}`).join(", ");
  log.info(`waiting up to ${timeout} s for ${names} to register with the DNS`);
  const end = performance.now() + timeout * 1000;
  for (;;) {
    const zone = await read();
    const hosts = new Set(zone?.instances.map(({ host }) => host));
    const isComplete = awaited.every(({ host }) => hosts.has(host));
    if (isComplete || signal.aborted || performance.now() >= end) return zone;
    await sleep(interval, undefined, { signal }).catch(() => {});
  }
}
