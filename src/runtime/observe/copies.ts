import { listContainers } from "../../docker/containers/list.ts";
import { copyNameOf, projectOrigin } from "../../model/copy-origin.ts";
import { labels } from "../../model/labels.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { Engine } from "../connect.ts";
import type { ProjectFolder } from "../../model/project.ts";
import { definesServices } from "./containers.ts";
import { toInstance } from "./instances.ts";

/** The instances of all copies of a project that have containers on the Engine, by the name of the copy. */
export async function observeCopies(
  engine: Engine,
  place: ProjectFolder,
): Promise<ReadonlyMap<string, ObservedInstance[]>> {
  const project = projectOrigin(place.origin);
  const containers = await listContainers(engine, [labels.folder, labels.instance]);
  const instances = [
    ...containers.map((container) => toInstance(container)),
    ...(await servicesOfCopies(engine, place)),
  ];
  const own = instances.filter(
    (instance) =>
      copyNameOf(instance.origin) !== undefined && projectOrigin(instance.origin) === project,
  );
  return Map.groupBy(own, (instance) => copyNameOf(instance.origin) ?? "");
}

/** Most projects have no services, and their Engine is not asked. */
async function servicesOfCopies(
  engine: Engine,
  place: ProjectFolder,
): Promise<readonly ObservedInstance[]> {
  if (!definesServices(place)) return [];
  const { observeServicesWith } = await import("./services.ts");
  return (await observeServicesWith(engine, [labels.folder, labels.instance])) ?? [];
}
