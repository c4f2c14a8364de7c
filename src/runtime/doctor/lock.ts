import type { ProjectFolder } from "../../model/project.ts";
import { stateFolder } from "../../model/resource-names.ts";
import { inspectLock } from "../lock/project-lock.ts";
import { ok, warning, type Finding } from "./finding.ts";

/** Checks whether the last call that changed the project finished. */
export function checkLock(place: ProjectFolder): Finding[] {
  const { holder, isHeld, previousRunFailed } = inspectLock(stateFolder(place));
  if (holder && isHeld) {
    const { command, user, pid } = holder;
    return [ok("project", `"reyns ${command}" of ${user} (pid ${pid}) is changing it right now`)];
  }
  if (!previousRunFailed) return [];
  const call = holder ? `"reyns ${holder.command}"` : "the last call that changed the project";
  const message = `${call} did not finish (killed, interrupted, or failed)`;
  return [warning("project", message, { remedy: "run it again, or: reyns run all" })];
}
