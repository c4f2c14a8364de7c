import { existsSync, readdirSync } from "node:fs";
import { relative } from "node:path";
import { log } from "../../../ui/output/log.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { observeMounts } from "../../../runtime/observe/describe.ts";
import { instanceData, type InstanceData } from "../../../plan/remove-data.ts";
import { dataFolderMarker } from "../../../model/resource-names.ts";
import { dataFolderOf } from "../../../project/locate.ts";
import type { ObservedInstance } from "../../../model/observed.ts";

/** Observes the data that outlives the containers of the instances. */
export async function observeData(
  engine: Engine,
  instances: readonly ObservedInstance[],
): Promise<InstanceData[]> {
  const mounts = await observeMounts(engine, instances);
  return instances.map((instance, index) => instanceData(instance, mounts[index] ?? []));
}

/** The confirmation before data is removed, which a single instance needs, too; undefined where there is no data. */
export function dataQuestion(data: readonly InstanceData[]): string | undefined {
  const places = data.flatMap(({ folders, volumes }) => [
    ...folders.map(shortPath),
    ...volumes.map((name) => `volume ${name}`),
  ]);
  if (places.length === 0) return undefined;
  const hosts = data.map(({ instance }) => instance.host).join(", ");
  return `Remove ${hosts} with all data: ${[...new Set(places)].join(", ")}?`;
}

function shortPath(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path.startsWith("..") ? folder : path;
}

/** Reports a data folder that still has data of removed instances. */
export function reportRemainingData(project: { folder: string; name: string | undefined }): void {
  const data = dataFolderOf(project, process.env);
  if (!existsSync(data) || readdirSync(data).every((entry) => entry === dataFolderMarker)) return;
  log.info(`${shortPath(data)} still has data of instances removed earlier: delete it yourself`);
}
