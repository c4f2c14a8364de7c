import { followContainers, type ContainerEvent } from "../../docker/containers/events.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { ReynsError } from "../../errors.ts";
import { folderFilter, labels } from "../../model/labels.ts";
import { isRunning, isPublished, type ObservedInstance } from "../../model/observed.ts";
import type { Register } from "../../model/steps.ts";
import { hostNameOf } from "../../model/host-names.ts";
import type { DnsAccess } from "./client.ts";
import { renewRegistration, deregisterInstance } from "./register.ts";
import { parseRegistration } from "../observe/containers.ts";

/** What the watch did. */
export interface RegistrationEvent {
  readonly host: string;
  /** `out`: its names are gone; `in`: they are there; `failed`: the DNS did not do it, for the reason given. */
  readonly kind: "out" | "in" | "failed";
  /** It was found dead when the watch began, has died, or has started. */
  readonly why: "found" | "died" | "started";
  /** Until it was done, from when the Engine told. */
  readonly milliseconds: number;
  readonly reason: string | undefined;
}

interface RegistrationWatch {
  readonly engine: Engine;
  readonly project: { readonly name: string | undefined; readonly folder: string };
  readonly dns: DnsAccess;
  readonly instances: readonly ObservedInstance[];
  readonly signal: AbortSignal;
  readonly onReady: () => void;
  readonly onEvent: (event: RegistrationEvent) => void;
}

/**
 * Takes the names of an instance out of the DNS the moment it dies, and in again when it starts. Returns when the
 * signal says so.
 *
 * @throws ReynsError NO_ENGINE when the Engine goes away; what `onEvent` throws
 */
export async function watchRegistrations(watch: RegistrationWatch): Promise<void> {
  const { engine, project, signal, onReady, instances } = watch;
  const own = project.name === undefined ? [] : [`${labels.project}=${project.name}`];
  const over = new AbortController();
  const { promise: broken, reject } = Promise.withResolvers<never>();
  const turns = createHostQueues(reject);
  const begin = (): void => {
    onReady();
    for (const instance of instances.filter((one) => !isRunning(one))) {
      const { registered, service, instance: name, host } = instance;
      if (isPublished(registered))
        turns(host, () =>
          updateRegistration(watch, { ...registered, service, instance: name }, "found"),
        );
    }
  };
  const followed = followContainers(engine, {
    labels: [folderFilter(project.folder), labels.instance, ...own],
    actions: ["die", "start"],
    signal: AbortSignal.any([signal, over.signal]),
    onReady: begin,
    onEvent: (event) => {
      const register = registrationOfEvent(event);
      if (register)
        turns(hostOf(register), () =>
          updateRegistration(watch, register, event.action === "die" ? "died" : "started"),
        );
    },
  });
  await Promise.race([followed, broken]).finally(() => over.abort());
  if (!signal.aborted)
    throw new ReynsError("NO_ENGINE", `the Docker Engine at ${engine.endpoint} went away`);
}

/** A DNS needs nobody to tell it of itself, and cannot be told that it is dead. */
function registrationOfEvent({ attributes }: ContainerEvent): Register | undefined {
  if (attributes[labels.dns] === "true") return undefined;
  const register = parseRegistration(attributes);
  return isPublished(register) ? register : undefined;
}

async function updateRegistration(
  { dns, onEvent }: RegistrationWatch,
  register: Register,
  why: RegistrationEvent["why"],
): Promise<void> {
  const start = performance.now();
  const tell = (kind: RegistrationEvent["kind"], reason?: string): void => {
    const milliseconds = performance.now() - start;
    onEvent({ host: hostOf(register), kind, why, milliseconds, reason });
  };
  try {
    const change = why === "started" ? renewRegistration : deregisterInstance;
    // Most often somebody else was as quick: the agent, or the call that stops or starts it.
    if (await change(register, dns)) tell(why === "started" ? "in" : "out");
    else if (why === "died") tell("out");
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    tell("failed", error.message);
  }
}

function hostOf({ service, instance }: Register): string {
  return hostNameOf(service, instance);
}

type HostQueues = (host: string, work: () => Promise<void>) => void;

/** What happens to one host is done in the order in which it happened; hosts do not wait for each other. */
function createHostQueues(onError: (error: unknown) => void): HostQueues {
  const last = new Map<string, Promise<void>>();
  return (host, work) => {
    last.set(host, (last.get(host) ?? Promise.resolve()).then(work).catch(onError));
  };
}
