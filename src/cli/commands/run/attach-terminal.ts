import { log } from "../../../ui/output/log.ts";
import { createDnsAccess } from "../../../runtime/dns/client.ts";
import type { RuntimeEvent } from "../../../runtime/events.ts";
import { runInteractive } from "../../../runtime/instances/interactive.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { waitForTerminalLoss } from "../../../runtime/sessions/terminal.ts";
import { keysFolder } from "../../../model/resource-names.ts";
import type { RunPlan } from "../../../plan/run-plan.ts";
import type { StartInstance } from "../../../model/steps.ts";
import type { LockedProject } from "../../shared/with-project-lock.ts";
import { applyPlan } from "../../shared/apply-plan.ts";

/** Ctrl-C is one until the terminal is the instance's; from then on it is the shell's. A second one ends at once. */
const endings = ["SIGINT", "SIGTERM"] as const;

/** Everything before it as always; then this terminal is the instance's until it ends. Returns its exit status. */
export async function runAttachedToTerminal(
  start: StartInstance,
  { steps }: RunPlan,
  engine: Engine,
  { change, folder }: { readonly change: LockedProject; readonly folder: string },
): Promise<number> {
  const others = steps.filter((step) => step !== start);
  await applyPlan(others, engine, { change, folder });
  const emit = (event: RuntimeEvent): void => {
    if (event.kind === "warning") log.warn(event.message);
  };
  change.begin();
  const over = new AbortController();
  const end = (): void => over.abort();
  for (const signal of endings) process.once(signal, end);
  // Comes twice when a terminal goes: from the shell in it, and from the kernel.
  process.on("SIGHUP", end);
  void waitForTerminalLoss(process).then(end);
  const keys = keysFolder({ folder });
  const dns = createDnsAccess(engine, { folder, keysFolder: keys });
  const context = { engine, emit, keysFolder: keys, dns, signal: over.signal };
  try {
    return await runInteractive(start, context, { streams: process, onStart: change.end });
  } finally {
    for (const signal of [...endings, "SIGHUP"] as const) process.off(signal, end);
  }
}
