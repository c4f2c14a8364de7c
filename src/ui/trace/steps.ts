import type { Emit, RuntimeEvent } from "../../runtime/events.ts";
import type { Step } from "../../model/steps.ts";
import { isTracing, recordSpan } from "./trace.ts";

interface RunningStep {
  readonly since: number;
  readonly phase?: { readonly name: string; readonly since: number };
}

/** Hands the events on, and keeps for the trace how long each step took, and each part of it. */
export function withStepTrace(emit: Emit): Emit {
  if (!isTracing) return emit;
  const under = new Map<Step, RunningStep>();
  return (event) => {
    recordEvent(event, under);
    emit(event);
  };
}

function recordEvent(event: RuntimeEvent, under: Map<Step, RunningStep>): void {
  const now = performance.now();
  if (event.kind === "started") under.set(event.step, { since: now });
  if (event.kind === "phase") {
    const { since = now, phase } = under.get(event.step) ?? {};
    endPhase(phase, now);
    under.set(event.step, { since, phase: { name: event.phase, since: now } });
  }
  if (event.kind !== "finished" && event.kind !== "failed" && event.kind !== "interrupted") return;
  const { since = now, phase } = under.get(event.step) ?? {};
  endPhase(phase, now);
  const { kind, title } = event.step;
  recordSpan("step", title, now - since, { kind, end: event.kind });
  under.delete(event.step);
}

function endPhase(phase: RunningStep["phase"], now: number): void {
  if (phase) recordSpan("step", phase.name, now - phase.since);
}
