import { countRunningTasks, listServices } from "../../docker/services/services.ts";
import type { Engine } from "../../docker/client/engine.ts";
import type { ContainerSummary } from "../../docker/containers/list.ts";
import type { Service } from "../../docker/services/types.ts";
import { swarmMembership } from "../../docker/swarm.ts";
import { labels, originFilter, parseLabel } from "../../model/labels.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import { keysToCompare, toInstance } from "./instances.ts";

/** The services of projects, and why there may be others that the Engine does not tell of. */
export interface ListedServices {
  readonly services: readonly ObservedInstance[];
  readonly hidden?: string | undefined;
}

/**
 * The instances of a project, or of several that began in the same folder, that are services of Docker Swarm.
 *
 * @param keys digest of the project's keys
 * @param isExpected the project has had services
 */
export async function observeServices(
  engine: Engine,
  origin: string,
  { keys, isExpected }: { readonly keys: string | undefined; readonly isExpected: boolean },
): Promise<ListedServices> {
  const services = await observeServicesWith(engine, [originFilter(origin)], keys);
  if (services) return { services };
  return { services: [], hidden: isExpected ? await whyHidden(engine) : undefined };
}

/** @returns undefined where the Engine is no manager of a swarm */
export async function observeServicesWith(
  engine: Engine,
  filters: readonly string[],
  ownKeys?: string,
): Promise<ObservedInstance[] | undefined> {
  const services = await listServices(engine, filters);
  if (!services || services.length === 0) return services && [];
  const specs = services.map(({ spec }) => ({ labels: spec.Labels }));
  const keys = keysToCompare(specs, ownKeys);
  const running = await countRunningTasks(engine);
  return services.map((service) => toServiceInstance(service, running.get(service.id) ?? 0, keys));
}

/** An Engine that has left its swarm has no services. */
async function whyHidden(engine: Engine): Promise<string | undefined> {
  const { state } = await swarmMembership(engine);
  if (state === "inactive") return undefined;
  return state === "active"
    ? "this Engine is no manager of its swarm"
    : `the swarm of this Engine does not answer (${state})`;
}

function toServiceInstance(
  service: Service,
  running: number,
  keys: string | undefined,
): ObservedInstance {
  const { id, spec, createdAt, update } = service;
  const { Labels: values, Mode, EndpointSpec, TaskTemplate } = spec;
  const recorded = parseLabel<{ replicas?: number; image?: string }>(values[labels.swarm]) ?? {};
  const desired = Mode.Replicated.Replicas;
  const container: ContainerSummary = {
    id,
    name: spec.Name,
    image: TaskTemplate.ContainerSpec.Image,
    imageId: recorded.image ?? "",
    labels: values,
    state: stateOf(desired, running),
    status: "",
    createdAt,
    networks: {},
    networkMode: undefined,
    ports: (EndpointSpec?.Ports ?? []).map(({ Protocol, TargetPort, PublishedPort }) => ({
      container: TargetPort,
      host: PublishedPort,
      protocol: Protocol,
      ip: "",
    })),
    mounts: [],
  };
  return {
    ...toInstance(container, keys),
    // Where its tasks are, and their addresses, is Swarm's business.
    isDisconnected: false,
    hasNamelessImage: false,
    swarm: { desired, running, replicas: recorded.replicas ?? desired, update },
  };
}

function stateOf(desired: number, running: number): string {
  if (running > 0) return "running";
  return desired > 0 ? "restarting" : "exited";
}
