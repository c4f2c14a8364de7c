import type { Ulimit } from "./container-spec.ts";

/** The words of a command: a text is a line for the shell, a list is run as it is. */
export function commandArgs(command: string | readonly string[]): string[] {
  return typeof command === "string" ? ["/bin/sh", "-c", command] : command.map(String);
}

/** A command as it was written, of its words. */
export function commandText(words: readonly string[]): string {
  const [program, option, line] = words;
  const isLine = program === "/bin/sh" && option === "-c" && words.length === 3;
  return isLine && line !== undefined ? line : words.join(" ");
}

const units = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const;

/** `512m` in bytes; undefined when it is no size. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([bkmg]?)b?$/i.exec(text);
  if (!match) return undefined;
  const unit = (match[2]?.toLowerCase() || "b") as keyof typeof units;
  return Math.round(Number(match[1]) * units[unit]);
}

/** The Engine refuses a smaller limit; 0 is none. */
const leastMemory = 6 * units.m;

/** Whether the Engine takes it as a limit of memory, in bytes. */
export function isMemoryLimit(bytes: number): boolean {
  return bytes === 0 || bytes >= leastMemory;
}

/** Name -> number. Loaded when it is needed: most commands name no signal. */
export function signalNumbers(): Readonly<Record<string, number>> {
  return process.getBuiltinModule("node:os").constants.signals;
}

/** Real-time signals have no other names: systemd ends with SIGRTMIN+3, which is 37. */
const realTime = /^(?:SIG)?(RTMIN(?:\+(?:[1-9]|1[0-5]))?|RTMAX(?:-(?:[1-9]|1[0-4]))?)$/;
const realTimeNumber = /^(?:3[4-9]|[45]\d|6[0-4])$/;

/**
 * The name of a signal; undefined when it is none.
 *
 * @example
 * signalName("hup") // "SIGHUP"
 * signalName("9") // "SIGKILL"
 */
export function signalName(text: string): string | undefined {
  const wanted = text.toUpperCase();
  const found = Object.entries(signalNumbers()).find(
    ([name, number]) => name === wanted || name === `SIG${wanted}` || String(number) === text,
  );
  if (found) return found[0];
  if (realTimeNumber.test(text)) return realTimeName(Number(text));
  const ofRange = realTime.exec(wanted)?.[1];
  return ofRange === undefined ? undefined : `SIG${ofRange}`;
}

/** Those in the first half count from the first one, the others from the last, as the Engine names them. */
function realTimeName(number: number): string {
  const [first, half, last] = [34, 49, 64];
  if (number === first || number === last) return number === first ? "SIGRTMIN" : "SIGRTMAX";
  return number <= half ? `SIGRTMIN+${number - first}` : `SIGRTMAX-${last - number}`;
}

export const signalForm = "a name such as HUP, SIGTERM or USR1, or a number such as 9";

const seconds = { us: 1e-6, ms: 0.001, s: 1, m: 60, h: 3600 } as const;

/** `1m30s` in seconds; undefined when it is no duration. */
export function parseSeconds(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(us|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)];
  const sum = parts.reduce(
    (total, [, count, unit]) => total + Number(count) * seconds[unit as keyof typeof seconds],
    0,
  );
  return Math.round(sum * 1e6) / 1e6;
}

/** `nofile=1024:2048`; undefined when it is not of that form. */
export function parseUlimit(text: string): Ulimit | undefined {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (!match) return undefined;
  const soft = Number(match[2]);
  return { name: match[1] ?? "", soft, hard: Number(match[3] ?? soft) };
}

/** Whether the kernel accepts it: -1 is no limit. */
export function isUlimit({ soft, hard }: Pick<Ulimit, "soft" | "hard">): boolean {
  return hard === -1 || (soft !== -1 && soft <= hard);
}

/** What the Engine knows as a restart policy. */
export const restartPolicy = /^(?:no|always|unless-stopped|on-failure(?::\d+)?)$/;

/** What Docker makes and names itself, for each network and container: nobody means one of these. */
const unnamedInterface = /^(br-[0-9a-f]{12}|veth.*)$/;

/** Interface name -> address, for those that a person may name. */
export function nameableInterfaces(
  interfaces: Readonly<Record<string, string>>,
): [name: string, address: string][] {
  return Object.entries(interfaces).filter(([name]) => !unnamedInterface.test(name));
}

/** Loopback, and what Docker makes: interfaces without an address that another machine could reach. */
export const internalInterface = /^(lo\d*|docker\d+|br-[0-9a-f]{12}|veth.*)$/;
