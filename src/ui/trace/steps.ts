import type { Emit, EngineEvent } from "../../runtime/events.ts";
import type { Step } from "../../model/steps.ts";
import { isTraced, traceEnded } from "./trace.ts";

interface Under {
  readonly since: number;
  readonly phase?: { readonly name: string; readonly since: number };
}

/** Hands the events on, and keeps for the trace how long each step took, and each part of it. */
export function tracingSteps(emit: Emit): Emit {
  if (!isTraced) return emit;
  const under = new Map<Step, Under>();
  return (event) => {
    note(event, under);
    emit(event);
  };
}

function note(event: EngineEvent, under: Map<Step, Under>): void {
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
  traceEnded("step", title, now - since, { kind, end: event.kind });
  under.delete(event.step);
}

function endPhase(phase: Under["phase"], now: number): void {
  if (phase) traceEnded("step", phase.name, now - phase.since);
}
