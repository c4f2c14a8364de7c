import { existsSync, readdirSync } from "node:fs";
import { relative } from "node:path";
import { say } from "../../../ui/output/print.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { observeMounts } from "../../../runtime/observe/describe.ts";
import { instanceData, type InstanceData } from "../../../plan/remove-data.ts";
import { ownerFile } from "../../../project/data-folder.ts";
import { dataFolderOf } from "../../../project/locate.ts";
import type { ObservedInstance } from "../../../model/observed.ts";

/** What the instances keep beyond their containers. */
export async function observeData(
  engine: Engine,
  instances: readonly ObservedInstance[],
): Promise<InstanceData[]> {
  const mounts = await observeMounts(engine, instances);
  return instances.map((instance, index) => instanceData(instance, mounts[index] ?? []));
}

/** The question that comes before data goes, also that of one instance; undefined where there is none. */
export function dataQuestion(kept: readonly InstanceData[]): string | undefined {
  const things = kept.flatMap(({ folders, volumes }) => [
    ...folders.map(shown),
    ...volumes.map((name) => `volume ${name}`),
  ]);
  if (things.length === 0) return undefined;
  const hosts = kept.map(({ instance }) => instance.host).join(", ");
  return `Remove ${hosts} with all data: ${[...new Set(things)].join(", ")}?`;
}

function shown(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path.startsWith("..") ? folder : path;
}

/** Where data of instances that went before may still be. */
export function reportRemainingData(project: { folder: string; name: string | undefined }): void {
  const data = dataFolderOf(project, process.env);
  if (!existsSync(data) || readdirSync(data).every((entry) => entry === ownerFile)) return;
  say(`data of instances that are gone already stays in ${shown(data)}: remove it yourself`);
}
