import { listContainers } from "../docker/containers.ts";
import { folderFilter, labels } from "../plan/labels.ts";
import { openEngine } from "./open.ts";
import type { Environment } from "../project/find.ts";

/** An instance that has a container, stopped or not. */
export interface Present {
  readonly service: string;
  readonly instance: string;
  readonly group: string | undefined;
  readonly state: string;
}

/**
 * The instances of a project's folder, by one call to the Engine; none when it does not answer in time.
 *
 * @param milliseconds how long a person waits for it
 */
export async function presentInstances(
  env: Environment,
  folder: string,
  milliseconds: number,
): Promise<Present[]> {
  const listed = (async () => {
    const engine = openEngine(env);
    // The way to another machine takes longer than anybody waits.
    return engine.local ? listContainers(engine, [folderFilter(folder)]) : [];
  })();
  const containers = await Promise.race([
    listed.catch(() => []),
    Bun.sleep(milliseconds).then(() => []),
  ]);
  return containers.flatMap(({ labels: own, state }) => {
    const [service, instance] = [own[labels.service], own[labels.instance]];
    if (service === undefined || instance === undefined) return [];
    return { service, instance, group: own[labels.group], state };
  });
}
