import { countRunningTasks, listServices } from "../../docker/services/services.ts";
import type { Engine } from "../../docker/client/engine.ts";
import type { ContainerSummary } from "../../docker/containers/list.ts";
import type { Service } from "../../docker/services/types.ts";
import { labels, originFilter, parseLabel } from "../../model/labels.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import { toInstance } from "./instances.ts";

/**
 * The instances of a project, or of several that began in the same folder, that are services of Docker Swarm.
 *
 * @param keys digest of the project's keys
 */
export async function observeServices(
  engine: Engine,
  origin: string,
  keys: string | undefined,
): Promise<ObservedInstance[]> {
  const services = await listServices(engine, [originFilter(origin)]);
  if (!services || services.length === 0) return [];
  const running = await countRunningTasks(engine);
  return services.map((service) => toServiceInstance(service, running.get(service.id) ?? 0, keys));
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
