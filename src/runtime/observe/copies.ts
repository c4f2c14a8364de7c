import { listContainers } from "../../docker/containers/list.ts";
import { copyNameOf, projectOrigin } from "../../model/copy-origin.ts";
import { labels } from "../../model/labels.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { Engine } from "../connect.ts";
import { toInstance } from "./instances.ts";

/** The instances of all copies of a project that have containers on the Engine, by the name of the copy. */
export async function observeCopies(
  engine: Engine,
  { origin }: { readonly origin: string },
): Promise<ReadonlyMap<string, ObservedInstance[]>> {
  const project = projectOrigin(origin);
  const containers = await listContainers(engine, [labels.folder, labels.instance]);
  const instances = containers.map((container) => toInstance(container));
  const own = instances.filter(
    (instance) =>
      copyNameOf(instance.origin) !== undefined && projectOrigin(instance.origin) === project,
  );
  return Map.groupBy(own, (instance) => copyNameOf(instance.origin) ?? "");
}
