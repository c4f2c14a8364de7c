import type { LockHolder } from "../../runtime/lock/project-lock.ts";
import { ReynsError } from "../../errors.ts";
import { sanitizeForTerminal } from "../output/sanitize.ts";
import { say } from "../output/print.ts";
import { wrapMessage } from "../output/wrap.ts";

/** Seconds after which a person wonders, and after which again. */
const [wonders, wondersAgain] = [1, 10];

type LockHolder = LockHolder | undefined;

/** Says who is waited for, when it takes longer than a second, every ten, and when it is another one. */
export function reportLockHolder(): (holder: LockHolder, seconds: number) => void {
  let [last, next] = ["", wonders];
  return (holder, seconds) => {
    const who = describeHolder(holder);
    if (seconds < (who === last ? next : wonders)) return;
    [last, next] = [who, seconds + wondersAgain];
    say(wrapMessage(`  waiting for ${who}  ${Math.floor(seconds)}s`, 4));
  };
}

/** For a call that does not wait any longer. */
export function projectBusyError(holder: LockHolder, waited: number): ReynsError {
  const after = waited === 0 ? "" : ` after ${waited} s`;
  return new ReynsError(
    "BUSY",
    `this project is still being changed${after}, by ${describeHolder(holder)}`,
    {
      hint: "wait for it with wait=SECONDS, or for as long as it takes without it",
    },
  );
}

/** "reyns run all" (pid 4711 of ada, since 12:30:05) */
function describeHolder(holder: LockHolder): string {
  if (!holder) return "another call of reyns";
  const { command, pid, user, since } = holder;
  const time = since.toTimeString().slice(0, 8);
  return sanitizeForTerminal(`"reyns ${command}" (pid ${pid} of ${user}, since ${time})`);
}
