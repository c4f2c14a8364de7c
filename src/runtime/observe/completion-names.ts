import { listLabels } from "../../docker/containers/list-labels.ts";
import { folderFilter, labels } from "../../model/labels.ts";
import type { Environment } from "../../lib/environment.ts";

/** An instance that has a container, stopped or not. */
export interface PresentInstance {
  readonly service: string;
  readonly instance: string;
  readonly group: string | undefined;
}

/**
 * The instances of a project's folder on a local Engine, by one call to it; none when it does not answer in time.
 *
 * @param milliseconds how long a person waits for it
 */
export async function listPresentInstances(
  env: Environment,
  folder: string,
  milliseconds: number,
): Promise<PresentInstance[]> {
  const listed = (async () => listLabels(env, folderFilter(folder)))();
  const containers = await Promise.race([
    listed.catch(() => []),
    Bun.sleep(milliseconds).then(() => []),
  ]);
  return containers.flatMap((own) => {
    const [service, instance] = [own[labels.service], own[labels.instance]];
    if (service === undefined || instance === undefined) return [];
    return { service, instance, group: own[labels.group] };
  });
}
