import type { Engine } from "../../../runtime/connect.ts";
import { findHelperImage } from "../../../runtime/observe/helper-image.ts";
import { observeVolumes } from "../../../runtime/observe/volumes.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import { keptFolders } from "../../../plan/describe/mounts.ts";
import { leftoverHosts, leftoverVolumes, type LeftoverScope } from "../../../plan/leftover-data.ts";
import type { InstanceData } from "../../../plan/remove-data.ts";
import { dataFolderOf } from "../../../project/locate.ts";
import { listStoredData } from "../../../project/stored-data.ts";
import { loadProject, type ListedInstances } from "../../common/context.ts";
import type { CleanedData } from "./data.ts";

interface LeftoverQuery {
  readonly engine: Engine;
  readonly project: ListedInstances["project"];
  readonly instances: readonly ObservedInstance[];
  readonly leaving: readonly ObservedInstance[];
  readonly scope: LeftoverScope;
}

/** Finds data of this project that no instance uses any more, apart from those that are being removed. */
export async function findLeftovers(query: LeftoverQuery): Promise<Omit<CleanedData, "kept">> {
  const { engine, instances, leaving, scope } = query;
  const { name = (await loadProject()).name, ...place } = query.project;
  const project = { ...place, name, dataFolder: dataFolderOf({ ...place, name }, process.env) };
  const volumes = leftoverVolumes(await observeVolumes(engine, project), leaving, scope);
  // A remote Engine has its folders on its own machine.
  const stored = engine.local
    ? listStoredData(
        project,
        keptFolders.map((kept) => kept.name),
      )
    : [];
  const hosts = leftoverHosts(
    stored.map(({ host }) => host),
    instances,
    scope,
  );
  const imageId = hosts.length > 0 ? await findHelperImage(engine, place.origin) : "";
  const former = stored
    .filter(({ host }) => hosts.includes(host))
    .map(({ host, folders }): InstanceData => ({
      host,
      project,
      imageId,
      folders,
      volumes: [],
    }));
  return { former, volumes };
}
