import { log } from "../../../ui/output/log.ts";
import { createDnsAccess } from "../../../runtime/dns/client.ts";
import type { RuntimeEvent } from "../../../runtime/events.ts";
import { runInteractive } from "../../../runtime/instances/interactive.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { waitForTerminalLoss } from "../../../runtime/sessions/terminal.ts";
import { labels } from "../../../model/labels.ts";
import { keysFolder, stateFolder } from "../../../model/resource-names.ts";
import type { RunPlan } from "../../../plan/run-plan.ts";
import type { StartInstance } from "../../../model/steps.ts";
import type { ApplyOptions } from "../../common/apply-plan-now.ts";
import { applyPlan } from "../../common/apply-plan.ts";
import { endProcess, listenForInterrupt, type Signal } from "../../common/interrupt.ts";

/** Applies the rest of the plan, then attaches this process to the instance until that exits; returns its exit status. */
export async function runAttachedToTerminal(
  start: StartInstance,
  { steps }: RunPlan,
  engine: Engine,
  { locked, place }: ApplyOptions,
): Promise<number> {
  const others = steps.filter((step) => step !== start);
  await applyPlan(others, engine, { locked, place });
  const emit = (event: RuntimeEvent): void => {
    if (event.kind === "warning") log.warn(event.message);
  };
  locked.begin();
  // Until the terminal is attached, Ctrl-C is a signal; from then on the shell in it reads the key.
  // An interruption that came before is not heard again, and this process may not have ended yet.
  const { controller, stop } = listenForInterrupt(waitOnce(start), locked.signal.aborted);
  const onTerminalLoss = (): void => controller.abort();
  // Twice when a terminal closes: the shell in it and the kernel both send the signal.
  process.on("SIGHUP", onTerminalLoss);
  // A pipe may end at any time: nobody needs the command any more only when nobody reads its output.
  if (start.spec.session === "terminal") void waitForTerminalLoss(process).then(onTerminalLoss);
  else process.stdout.once("error", onTerminalLoss);
  const keys = keysFolder(place);
  const dns = createDnsAccess(engine, { origin: place.origin, keysFolder: keys });
  const context = {
    engine,
    emit,
    keysFolder: keys,
    stateFolder: stateFolder(place),
    dns,
    signal: controller.signal,
    holdProcess: locked.holdExit,
  };
  try {
    return await runInteractive(start, context, { streams: process, onStart: locked.end });
  } finally {
    process.off("SIGHUP", onTerminalLoss);
    stop();
  }
}

/** At the second interruption the removal of the container goes on; the third one ends the process. */
function waitOnce({ host, spec: { labels: own } }: StartInstance): (signal: Signal) => void {
  const clean = `reyns clean ${own[labels.service]} ${own[labels.instance]}`;
  let hasWaited = false;
  return (signal) => {
    if (hasWaited) {
      log.warn(`${host}: its container may be left; remove it with: ${clean}`);
      return endProcess(signal);
    }
    hasWaited = true;
    log.warn(
      `${host}: waiting until its container is removed; press Ctrl-C again to exit now and leave it`,
    );
  };
}
