import type { Emit, RuntimeEvent } from "../../runtime/events.ts";
import type { Step } from "../../model/steps.ts";
import { isTracing, recordSpan } from "./trace.ts";

interface RunningStep {
  readonly since: number;
  readonly phase?: { readonly name: string; readonly since: number };
}

/** Passes the events on, and records in the trace how long each step and each of its phases took. */
export function withStepTrace(emit: Emit): Emit {
  if (!isTracing) return emit;
  const running = new Map<Step, RunningStep>();
  return (event) => {
    recordEvent(event, running);
    emit(event);
  };
}

function recordEvent(event: RuntimeEvent, running: Map<Step, RunningStep>): void {
  const now = performance.now();
  if (event.kind === "started") running.set(event.step, { since: now });
  if (event.kind === "phase" || event.kind === "stopping") {
    const { since = now, phase } = running.get(event.step) ?? {};
    recordPhase(phase, now);
    running.set(event.step, { since, phase: { name: event.phase, since: now } });
  }
  if (event.kind !== "finished" && event.kind !== "failed" && event.kind !== "interrupted") return;
  const { since = now, phase } = running.get(event.step) ?? {};
  recordPhase(phase, now);
  const { kind, title } = event.step;
  recordSpan("step", title, now - since, { kind, end: event.kind });
  running.delete(event.step);
}

function recordPhase(phase: RunningStep["phase"], now: number): void {
  if (phase) recordSpan("step", phase.name, now - phase.since);
}
