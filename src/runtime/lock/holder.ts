import { readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { isRecord } from "../../lib/is-record.ts";

/** The call that is changing a project. */
export interface LockHolder {
  readonly pid: number;
  readonly user: string;
  readonly host: string;
  /** Without values: "run web one". */
  readonly command: string;
  readonly since: Date;
}

/** This call. */
export function createHolder(command: string): LockHolder {
  return { pid: process.pid, user: userName(), host: hostname(), command, since: new Date() };
}

/** Parses a holder from JSON; undefined for anything else. */
export function parseHolder(record: unknown): LockHolder | undefined {
  const { pid, user, host, command, since } = isRecord(record) ? record : {};
  const date = new Date(String(since));
  if (typeof pid !== "number" || Number.isNaN(date.getTime())) return undefined;
  return { pid, user: String(user), host: String(host), command: String(command), since: date };
}

/** This machine, until it restarts: tells it from all others that share a folder with it. */
export function currentBoot(): string {
  return `${hostname()} ${bootId()}`;
}

/** New with each start of the machine; "" where the kernel has none. Source: proc_sys_kernel(5). */
export function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}

/** Bun takes the name from the environment, which may lack it. */
function userName(): string {
  const { username, uid } = userInfo();
  return username === "unknown" ? `user ${uid}` : username;
}
