import { ReynsError } from "../../../errors.ts";
import type { ObservedVolume } from "../../../model/observed-volume.ts";
import type { Step } from "../../../model/steps.ts";
import { stepsOnNode } from "../../../plan/nodes/on-node.ts";
import { planRemoveVolumes } from "../../../plan/remove-data.ts";
import { log } from "../../../ui/output/log.ts";
import { printJson } from "../../../ui/output/print.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { applyPlan } from "../../common/apply-plan.ts";
import type { ProjectFolder } from "../../../model/project.ts";
import { locateProject } from "../../common/context.ts";
import {
  lockOptions,
  withProjectLock,
  type LockedProject,
} from "../../common/with-project-lock.ts";
import { listProjectVolumes } from "./list.ts";

interface RemoveArgs {
  readonly patterns: readonly string[];
  readonly unused: boolean;
  readonly yes: boolean;
  readonly wait: string | undefined;
  readonly json: boolean | undefined;
}

/** @throws ReynsError MISSING_ARGUMENT, UNKNOWN_VOLUME; VOLUME_IN_USE before any is removed */
export async function removeVolumes(options: RemoveArgs): Promise<void> {
  const { patterns, unused, wait, json } = options;
  if (patterns.length === 0 && !unused)
    throw new ReynsError("MISSING_ARGUMENT", "missing argument NAMES", {
      hint: "for example: reyns volumes remove cache, reyns volumes remove unused=true",
    });
  const place = await locateProject();
  const removed = await withProjectLock(lockOptions(place, { wait, jobs: undefined }), (locked) =>
    removeLocked(options, place, locked),
  );
  if (json) return printJson(removed.map(({ name }) => name));
  if (removed.length === 0) log.info("no unused volumes");
}

async function removeLocked(
  { patterns, unused, yes }: RemoveArgs,
  place: ProjectFolder,
  locked: LockedProject,
): Promise<readonly ObservedVolume[]> {
  const find = async () => {
    const { engine, volumes } = await listProjectVolumes(patterns);
    return { engine, volumes: unused ? volumes.filter(isUnused) : volumes };
  };
  const { engine, volumes } = await find();
  volumes.forEach(checkUnused);
  if (volumes.length === 0) return [];
  const names = volumes.map(({ name, node }) => (node === undefined ? name : `${node}: ${name}`));
  const question = `Remove ${names.join(", ")} with all data?`;
  if (!yes)
    await locked.releaseLockWhile(() => confirmOrCancel({ question, hint: "add yes=true", yes }));
  // Meanwhile an instance may have begun to use one.
  const confirmed = yes
    ? volumes
    : (await find()).volumes.filter((volume) => volumes.some((one) => isSame(one, volume)));
  confirmed.forEach(checkUnused);
  await applyPlan(removalOf(confirmed), engine, { locked, place });
  return confirmed;
}

/** The same volume, on the same machine. */
function isSame(one: ObservedVolume, other: ObservedVolume): boolean {
  return one.name === other.name && one.node === other.node;
}

function removalOf(volumes: readonly ObservedVolume[]): Step[] {
  const byNode = Map.groupBy(volumes, ({ node }) => node);
  return [...byNode].flatMap(([node, own]) => {
    const names = own.map(({ name }) => name);
    const steps = planRemoveVolumes(names, { after: [], reason: "volumes remove" });
    return node === undefined ? steps : stepsOnNode(node, steps);
  });
}

function isUnused({ users }: ObservedVolume): boolean {
  return users.length === 0;
}

function checkUnused({ shortName, users }: ObservedVolume): void {
  if (users.length === 0) return;
  const names = users.map(({ name }) => name).join(", ");
  throw new ReynsError("VOLUME_IN_USE", `${names} uses the volume ${shortName}`, {
    hint: "remove what uses it first: reyns clean SERVICE [INSTANCE]; with data=true its volumes go as well",
  });
}
