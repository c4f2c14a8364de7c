import { isPublished, isRunning, type ObservedInstance, type ObservedKeeper } from "./observed.ts";
import { containerNameOf } from "./resource-names.ts";

/** What keeps an instance with a container from working as it should; the next `run` repairs each of them. */
export type Problem = "paused" | "disconnected" | "renamed";

/** For people, and each is true of one instance or of several. */
export const problemTexts: Readonly<Record<Problem, string>> = {
  paused: "paused",
  disconnected: "not in the project's network",
  renamed: "renamed, outside Reyns",
};

/** The worst problem of an instance; one that is stopped, or being replaced, has its own repair. */
export function findProblem(instance: ObservedInstance): Problem | undefined {
  if (instance.address === undefined) return "disconnected";
  if (instance.state === "paused") return "paused";
  return isRunning(instance) && hasOtherName(instance) ? "renamed" : undefined;
}

function hasOtherName({ containerName, project: name, folder, host }: ObservedInstance): boolean {
  return containerName !== containerNameOf({ name, folder }, host);
}

/** Whether nothing in it could renew its lease: a keeper does. */
export function needsKeeper(instance: ObservedInstance): boolean {
  const { registered, address, hasEntrypoint } = instance;
  return isPublished(registered) && address !== undefined && !hasEntrypoint && isRunning(instance);
}

/** What keeps a keeper from renewing leases; undefined if nothing does. */
export function findKeeperProblem(keeper: ObservedKeeper | undefined): string | undefined {
  if (!keeper) return "missing";
  if (keeper.state !== "running") return keeper.state === "exited" ? "stopped" : keeper.state;
  if (!keeper.isConnected) return problemTexts.disconnected;
  return keeper.isRenamed ? problemTexts.renamed : undefined;
}
