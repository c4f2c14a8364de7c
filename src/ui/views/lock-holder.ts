import { hostname } from "node:os";
import type { LockHolder } from "../../runtime/lock/holder.ts";
import { ReynsError } from "../../errors.ts";
import { log } from "../output/log.ts";
import { sanitizeLine } from "../output/sanitize.ts";
import { noticeAfter } from "../progress/slow-notice.ts";

/** Reports who holds the lock when the wait takes longer than a second, every ten seconds, and when the holder changes. */
export function reportLockHolder(): (holder: LockHolder | undefined, seconds: number) => void {
  let last = "";
  let next: number = noticeAfter.first;
  return (holder, seconds) => {
    const name = describeHolder(holder);
    if (seconds < (name === last ? next : noticeAfter.first)) return;
    last = name;
    next = seconds + noticeAfter.repeat;
    log.info(`  waiting for ${name}  ${Math.floor(seconds)}s`);
  };
}

/** @param waited seconds that the command has waited for the lock */
export function projectBusyError(holder: LockHolder | undefined, waited: number): ReynsError {
  const after = waited === 0 ? "" : ` after ${waited} s`;
  return new ReynsError(
    "BUSY",
    `another command is still changing this project${after}: ${describeHolder(holder)}`,
    { hint: "wait longer with wait=SECONDS, or without a limit by leaving wait out" },
  );
}

const lookNow = "look at what runs now, then call it again: reyns ps";

/**
 * A call that was cut off from the Engine, or suspended, for so long that another one changes the project now; undefined
 * when that one, if there was any, has ended.
 */
export function lockLostError(holder: LockHolder | undefined): ReynsError {
  if (!holder) {
    const hint = `it did not reach the Engine for a while, and another call may have come and gone; ${lookNow}`;
    return new ReynsError("BUSY", "the lock of this call is gone from the Engine", { hint });
  }
  const message = `this call lost the project to another one: ${describeHolder(holder)}`;
  const hint = `it did not reach the Engine for 20 s, or the volume of its lock was removed; ${lookNow}`;
  return new ReynsError("BUSY", message, { hint });
}

/** "reyns run all" (pid 4711 of ada, since 12:30:05) */
function describeHolder(holder: LockHolder | undefined): string {
  if (!holder) return "an unknown reyns process";
  const { command, pid, user, host, since } = holder;
  const time = since.toTimeString().slice(0, 8);
  const who = host === hostname() ? user : `${user} on ${host}`;
  return sanitizeLine(`"reyns ${command}" (pid ${pid} of ${who}, since ${time})`);
}
