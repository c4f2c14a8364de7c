import { inspectLock } from "../lock/project-lock.ts";
import { ok, warning, type Finding } from "./finding.ts";

/** Whether the last call that changed the project came to the end of it. */
export function checkLock({ folder }: { readonly folder: string }): Finding[] {
  const { holder, isHeld, previousRunFailed: unfinished } = inspectLock(folder);
  if (holder && isHeld) {
    const who = `"reyns ${holder.command}" of ${holder.user} (pid ${holder.pid})`;
    return [ok("project", `${who} changes it right now`)];
  }
  if (!unfinished) return [];
  const who = holder ? `"reyns ${holder.command}"` : "the last call that changed it";
  const message = `${who} did not come to its end: killed, interrupted, or failed`;
  return [warning("project", message, { remedy: "the same call again, or reyns run all" })];
}
