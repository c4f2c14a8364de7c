import { connectEngine } from "../../docker/client/connect.ts";
import { listContainers, type ContainerSummary } from "../../docker/containers/list.ts";
import type { Environment } from "../../lib/environment.ts";
import { originFilter, labels } from "../../model/labels.ts";

/** An instance that has a container, stopped or not. */
export interface PresentInstance {
  readonly service: string;
  readonly instance: string;
  readonly group: string | undefined;
}

/**
 * Lists the instances that began in a folder on a local Engine, for completion; none if the Engine is on another machine
 * or does not answer in time.
 *
 * @param milliseconds how long to wait for the Engine
 */
export async function listPresentInstances(
  env: Environment,
  origin: string,
  milliseconds: number,
): Promise<PresentInstance[]> {
  const containers = await Promise.race([
    listLocal(env, origin).catch(() => []),
    Bun.sleep(milliseconds).then(() => []),
  ]);
  return containers.flatMap(({ labels: values }) => {
    const [service, instance] = [values[labels.service], values[labels.instance]];
    if (service === undefined || instance === undefined) return [];
    return { service, instance, group: values[labels.group] };
  });
}

async function listLocal(env: Environment, origin: string): Promise<readonly ContainerSummary[]> {
  const engine = await connectEngine(env, {});
  return engine.local ? listContainers(engine, [originFilter(origin)]) : [];
}
