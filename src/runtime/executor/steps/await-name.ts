import { setTimeout as sleep } from "node:timers/promises";
import { query } from "../../../dns/client/query.ts";
import { hasCode, ReynsError } from "../../../errors.ts";
import type { AwaitName } from "../../../model/await-name.ts";
import { defaultTimeout } from "../../../model/steps.ts";
import type { StepContext } from "../../context.ts";

/** Milliseconds between two questions. */
const interval = 500;

/** Waits until the DNS has an address for an instance that runs on another machine. */
export async function awaitNameStep(step: AwaitName, context: StepContext): Promise<undefined> {
  const { group, server } = step;
  const note = `of the group ${group}, to register with the DNS at ${server}`;
  context.emit({ kind: "progress", step, note });
  await context.waitAside(waitForName(step, context));
}

async function waitForName(step: AwaitName, context: StepContext): Promise<void> {
  const { timeout = defaultTimeout } = step;
  const { signal } = context;
  const end = performance.now() + timeout * 1000;
  while (!(await isRegistered(step, context))) {
    if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
    if (performance.now() >= end) throw notRegistered(step, timeout);
    await sleep(interval, undefined, { signal }).catch(() => {});
  }
}

/** A DNS that does not answer may be starting. */
async function isRegistered(
  { title, zone, server }: AwaitName,
  { dns, signal }: StepContext,
): Promise<boolean> {
  try {
    const { addresses } = await query(`${title}.${zone}`, "A", await dns.to(server, signal));
    return addresses.length > 0;
  } catch (error) {
    if (hasCode(error, "DNS_UNREACHABLE")) return false;
    throw error;
  }
}

function notRegistered({ title, group, server }: AwaitName, timeout: number): ReynsError {
  const message = `${title} of the group ${group} did not register with the DNS at ${server} within ${timeout} s`;
  const hint = `run it on its machine: reyns run group=${group}`;
  return new ReynsError("NOT_READY", message, { hint });
}
