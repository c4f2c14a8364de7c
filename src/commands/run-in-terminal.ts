import { log } from "../cli/log.ts";
import { createDnsAccess } from "../engine/dns-access.ts";
import type { EngineEvent } from "../engine/events.ts";
import { runInteractive } from "../engine/interactive.ts";
import type { Engine } from "../engine/open.ts";
import { lossOf } from "../engine/terminal.ts";
import { keysFolder } from "../plan/names.ts";
import type { RunPlan } from "../plan/run-plan.ts";
import type { StartInstance } from "../plan/steps.ts";
import type { Change } from "./changing.ts";
import { perform } from "./perform.ts";

/** Ctrl-C is one until the terminal is the instance's; from then on it is the shell's. A second one ends at once. */
const endings = ["SIGINT", "SIGTERM"] as const;

/** Everything before it as always; then this terminal is the instance's until it ends. Returns its exit status. */
export async function runInTerminal(
  start: StartInstance,
  { steps }: RunPlan,
  engine: Engine,
  { change, folder }: { readonly change: Change; readonly folder: string },
): Promise<number> {
  const others = steps.filter((step) => step !== start);
  await perform(others, engine, { change, folder });
  const emit = (event: EngineEvent): void => {
    if (event.kind === "warning") log.warn(event.message);
  };
  change.begin();
  const over = new AbortController();
  const end = (): void => over.abort();
  for (const signal of endings) process.once(signal, end);
  // Comes twice when a terminal goes: from the shell in it, and from the kernel.
  process.on("SIGHUP", end);
  void lossOf(process).then(end);
  const keys = keysFolder({ folder });
  const dns = createDnsAccess(engine, { folder, keysFolder: keys });
  const context = { engine, emit, keysFolder: keys, dns, signal: over.signal };
  try {
    return await runInteractive(start, context, { streams: process, onStart: change.end });
  } finally {
    for (const signal of [...endings, "SIGHUP"] as const) process.off(signal, end);
  }
}
