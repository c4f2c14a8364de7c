import { definesSecondary, type DnsSettings } from "../../model/dns-settings.ts";
import type { InstanceDefinition } from "../../model/project.ts";
import { isDone, isRunning, type ObservedInstance } from "../../model/observed.ts";
import type { Ready } from "../../model/readiness.ts";
import type { AwaitInstance, RestartInstance } from "../../model/steps.ts";
import type { SealedReady } from "../../model/sealed-ready.ts";
import { hasEntrypoint } from "../resolve/images.ts";
import type { Placed } from "../resolve/placement.ts";
import { swarmOf } from "../select/selection.ts";
import type { DescribedStart, PlanContext } from "./described-start.ts";

/** How the readiness of an instance is detected. */
export function readyOf(
  { selected, image, address, service, isDns }: Placed,
  { project, observed }: PlanContext,
  { zone }: DnsSettings,
): Ready {
  const { definition } = selected;
  if (definition.job) return { kind: "completed" };
  if (swarmOf(selected)) return { kind: "tasks" };
  if (definition.ready) return { kind: "check", check: definition.ready, address };
  if (isDns)
    return {
      kind: "dns",
      address,
      zone,
      ...(definesSecondary(definition) ? { copies: true } : {}),
    };
  const replaced = definition.runtime?.entrypoint !== undefined;
  if (!replaced && hasEntrypoint(project, image, observed))
    return { kind: "entrypoint", ...(hasHealthcheck(definition) ? { healthy: true } : {}) };
  const ports = [...(service?.ports ?? []), ...definition.ports].filter(
    ({ protocol }) => protocol === "tcp",
  );
  return { kind: "ports", address, ports: ports.map(({ container }) => container) };
}

/** Whether the definition itself has a health check that is not switched off. */
function hasHealthcheck({ runtime }: InstanceDefinition): boolean {
  return runtime?.healthcheck !== undefined && runtime.healthcheck.test?.[0] !== "NONE";
}

/** Starts the container of an instance again, and stops it before if it runs. */
export function restartStepOf(
  { step }: DescribedStart,
  existing: ObservedInstance,
  reason: string,
): RestartInstance {
  const { id, after, title, host, ready, timeout, register, routed } = step;
  const base = { id, after, title, host, ready, timeout, register, routed };
  const name = step.spec.name === existing.containerName ? undefined : step.spec.name;
  return {
    kind: "restart-instance",
    ...base,
    reason,
    hooks: existing.hooks,
    containerId: existing.id,
    name,
    stopFirst: isRunning(existing),
    resumes: false,
  };
}

/** Lets the running container of an instance go on, after it was paused or renamed from outside. */
export function resumeStepOf(
  described: DescribedStart,
  existing: ObservedInstance,
  reason: string,
): RestartInstance {
  return asResumed(restartStepOf(described, existing, reason), existing);
}

/** The step without the start. */
export function asResumed(step: RestartInstance, existing: ObservedInstance): RestartInstance {
  const ready = recheckableReadiness(step.ready, true) ?? uptimeOnly(existing);
  return { ...step, ready, stopFirst: false, resumes: true };
}

/**
 * Waits for an instance that runs already, where its readiness can be detected at any time.
 *
 * @param isUnsure nobody may have waited until it was ready
 */
export function awaitStep({ placed, step }: DescribedStart, isUnsure: boolean): AwaitInstance[] {
  const { existing } = placed;
  if (!existing || placed.starts || isDone(existing)) return [];
  const { host, timeout, spec } = step;
  const { id: containerId, predecessor } = existing;
  const readiness = isStarted(step.ready) ? undefined : recheckableReadiness(step.ready, isUnsure);
  const ready = predecessor === undefined ? readiness : (readiness ?? uptimeOnly(existing));
  if (!ready) return [];
  const base = { kind: "await-instance", after: [], title: host, reason: "runs already" } as const;
  const { name, restart } = { ...spec, ...spec.runtime };
  const former = predecessor === undefined ? undefined : { id: predecessor, name, restart };
  return [{ ...base, id: step.id, host, containerId, former, ready, timeout }];
}

/** For readiness that cannot be detected any more: it only has to keep running. */
function uptimeOnly({ address }: ObservedInstance): Ready {
  return { kind: "ports", address: address ?? "", ports: [] };
}

/** What runs has started. */
function isStarted(ready: Ready | SealedReady): boolean {
  return ready.kind === "check" && ready.check.kind === "started";
}

/** Readiness that only the output of a start shows cannot be detected later. */
function recheckableReadiness(
  ready: Ready | SealedReady,
  isUnsure: boolean,
): Ready | SealedReady | undefined {
  if (ready.kind === "completed" || ready.kind === "tasks") return ready;
  if (ready.kind === "sealed") return ready.check === "log" ? undefined : ready;
  if (ready.kind === "dns") return isUnsure ? ready : undefined;
  if (ready.kind === "entrypoint") return isUnsure ? { ...ready, kind: "prestartup" } : undefined;
  const isRecheckable =
    ready.kind === "ports"
      ? ready.ports.length > 0 || isUnsure
      : ready.kind === "check" && ready.check.kind !== "log";
  return isRecheckable ? ready : undefined;
}
