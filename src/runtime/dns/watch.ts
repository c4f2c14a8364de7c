import type { Engine } from "../../docker/client/engine.ts";
import { followContainers, type ContainerEvent } from "../../docker/containers/events.ts";
import { ReynsError } from "../../errors.ts";
import { hostNameOf } from "../../model/host-names.ts";
import { originFilter, labels } from "../../model/labels.ts";
import { isPublished, isRunning, type ObservedInstance } from "../../model/observed.ts";
import type { Register } from "../../model/readiness.ts";
import { parseRegistration } from "../observe/instances.ts";
import type { DnsAccess } from "./client.ts";
import { deregisterInstance, renewRegistration } from "./register.ts";

/** An update of the DNS that the watch made. */
export interface RegistrationEvent {
  readonly host: string;
  readonly kind: "registered" | "deregistered" | "failed";
  /** `found`: the instance was not running when the watch began. */
  readonly cause: "found" | "died" | "started";
  /** From the Engine's event until the update was done. */
  readonly milliseconds: number;
  /** Why the update failed. */
  readonly reason: string | undefined;
}

interface RegistrationWatch {
  readonly engine: Engine;
  readonly project: { readonly name: string | undefined; readonly origin: string };
  readonly dns: DnsAccess;
  readonly instances: readonly ObservedInstance[];
  readonly signal: AbortSignal;
  readonly onReady: () => void;
  readonly onEvent: (event: RegistrationEvent) => void;
}

/**
 * Deregisters instances as soon as they die, and registers them when they start again. Returns when the signal aborts.
 *
 * @throws ReynsError NO_ENGINE when the connection to the Engine ends; errors of `onEvent`
 */
export async function watchRegistrations(watch: RegistrationWatch): Promise<void> {
  const { engine, project, signal, onReady } = watch;
  const projectLabels = project.name === undefined ? [] : [`${labels.project}=${project.name}`];
  const over = new AbortController();
  const failed = Promise.withResolvers<never>();
  const enqueue = createHostQueues(failed.reject);
  const update = (register: Register, cause: RegistrationEvent["cause"]): void =>
    enqueue(hostOf(register), () => updateRegistration(watch, register, cause));
  const followed = followContainers(engine, {
    labels: [originFilter(project.origin), labels.instance, ...projectLabels],
    actions: ["die", "start"],
    signal: AbortSignal.any([signal, over.signal]),
    onReady: () => {
      onReady();
      for (const register of stoppedRegistrations(watch)) update(register, "found");
    },
    onEvent: (event) => {
      const register = registrationOfEvent(event);
      if (register) update(register, event.action === "die" ? "died" : "started");
    },
  });
  await Promise.race([followed, failed.promise]).finally(() => over.abort());
  if (signal.aborted) return;
  const message = `the connection to the Docker Engine at ${engine.endpoint} has ended`;
  throw new ReynsError("NO_ENGINE", message);
}

function stoppedRegistrations({ instances }: RegistrationWatch): Register[] {
  const stopped = instances.filter((instance) => !isRunning(instance));
  return stopped.flatMap(({ registered, service, instance }) =>
    isPublished(registered) ? { ...registered, service, instance } : [],
  );
}

/** None for a DNS: it registers itself, and cannot be updated when it has died. */
function registrationOfEvent({ attributes }: ContainerEvent): Register | undefined {
  if (attributes[labels.dns] === "true") return undefined;
  const register = parseRegistration(attributes);
  return isPublished(register) ? register : undefined;
}

async function updateRegistration(
  { dns, signal, onEvent }: RegistrationWatch,
  register: Register,
  cause: RegistrationEvent["cause"],
): Promise<void> {
  const start = performance.now();
  const report = (kind: RegistrationEvent["kind"], reason?: string): void => {
    const milliseconds = performance.now() - start;
    onEvent({ host: hostOf(register), kind, cause, milliseconds, reason });
  };
  try {
    const change = cause === "started" ? renewRegistration : deregisterInstance;
    // Most often the agent, or the call that stops or starts the instance, has already done it.
    const hasChanged = await change(register, dns, signal);
    if (hasChanged || cause === "died") report(cause === "started" ? "registered" : "deregistered");
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof ReynsError)) throw error;
    report("failed", error.message);
  }
}

function hostOf({ service, instance }: Register): string {
  return hostNameOf(service, instance);
}

/** Updates of one host run in the order of their events; hosts do not wait for each other. */
function createHostQueues(
  onError: (error: unknown) => void,
): (host: string, work: () => Promise<void>) => void {
  const last = new Map<string, Promise<void>>();
  return (host, work) => {
    last.set(host, (last.get(host) ?? Promise.resolve()).then(work).catch(onError));
  };
}
