import { connectEngine } from "../../docker/client/connect.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { listContainers } from "../../docker/containers/list.ts";
import { listVolumes } from "../../docker/volumes.ts";
import type { Environment } from "../../lib/environment.ts";
import { originFilter, labels } from "../../model/labels.ts";
import { volumeNameOf } from "../../model/resource-names.ts";

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
  const listed = listLocal(env, (engine) => listContainers(engine, [originFilter(origin)]));
  const containers = await inTime(listed, milliseconds);
  return containers.flatMap(({ labels: values }) => {
    const [service, instance] = [values[labels.service], values[labels.instance]];
    if (service === undefined || instance === undefined) return [];
    return { service, instance, group: values[labels.group] };
  });
}

/** Lists the volumes of the project that began in a folder in the same way, by the names that its definition has. */
export async function listPresentVolumes(
  env: Environment,
  origin: string,
  milliseconds: number,
): Promise<string[]> {
  const volumes = await inTime(listLocal(env, listVolumes), milliseconds);
  return volumes
    .filter(({ labels: values }) => values[labels.folder] === origin)
    .map(({ name, labels: values }) => {
      const prefix = volumeNameOf({ name: values[labels.project] ?? "", origin }, "");
      return name.startsWith(prefix) ? name.slice(prefix.length) : name;
    })
    .toSorted();
}

async function listLocal<Listed>(
  env: Environment,
  list: (engine: Engine) => Promise<readonly Listed[]>,
): Promise<readonly Listed[]> {
  const engine = await connectEngine(env, {});
  return engine.local ? list(engine) : [];
}

function inTime<Listed>(
  listing: Promise<readonly Listed[]>,
  milliseconds: number,
): Promise<readonly Listed[]> {
  return Promise.race([listing.catch(() => []), Bun.sleep(milliseconds).then(() => [])]);
}
