import { print } from "../../../ui/output/print.ts";
import { log } from "../../../ui/output/log.ts";
import { paint } from "../../../ui/output/style.ts";
import type { DnsAccess } from "../../../runtime/dns/client.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { watchRegistrations, type RegistrationEvent } from "../../../runtime/dns/watch.ts";
import { ReynsError } from "../../../errors.ts";
import { isRunning, type ObservedInstance } from "../../../model/observed.ts";

interface DnsWatchOptions {
  readonly engine: Engine;
  readonly project: { readonly name: string | undefined; readonly folder: string };
  readonly dns: DnsAccess;
  readonly instances: readonly ObservedInstance[];
}

/** Stays until Ctrl-C, and prints a line for whatever it does. */
export async function watchDns(watch: DnsWatchOptions): Promise<never> {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  const watched = watch.instances.filter((one) => isRunning(one) && one.registered && !one.isDns);
  await watchRegistrations({
    ...watch,
    signal: interrupt.signal,
    onReady: () => log.info(`watching over the names of ${countOf(watched)}; Ctrl-C ends it`),
    onEvent: (event) => print(lineOf(event)),
  });
  throw new ReynsError("INTERRUPTED", "interrupted: names of what dies go when their leases end");
}

function countOf({ length }: readonly ObservedInstance[]): string {
  return length === 1 ? "1 instance" : `${length} instances`;
}

const reasons = { found: "does not run", died: "died", started: "started" } as const;
const results = { out: "its names are gone", in: "its names are there" } as const;

/** `12:34:56  demo-one died: its names are gone  23 ms` */
function lineOf({ host, kind, why, milliseconds, reason }: RegistrationEvent): string {
  const time = paint("dim", new Date().toTimeString().slice(0, 8), "stdout");
  const what =
    kind === "failed" ? paint("red", `the DNS says: ${reason}`, "stdout") : results[kind];
  const took = paint("dim", `${Math.round(milliseconds)} ms`, "stdout");
  return `${time}  ${host} ${reasons[why]}: ${what}  ${took}`;
}
