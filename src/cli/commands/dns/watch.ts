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
  readonly project: { readonly name: string | undefined; readonly origin: string };
  readonly dns: DnsAccess;
  readonly instances: readonly ObservedInstance[];
}

/** Watches until Ctrl-C, and prints a line for each change. */
export async function watchDns(options: DnsWatchOptions): Promise<never> {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  const watched = options.instances.filter(
    (instance) => isRunning(instance) && instance.registered && !instance.isDns,
  );
  await watchRegistrations({
    ...options,
    signal: interrupt.signal,
    onReady: () => log.info(`watching the names of ${countText(watched.length)}; stop with Ctrl-C`),
    onEvent: (event) => print(eventText(event)),
  });
  throw new ReynsError("INTERRUPTED", "interrupted: names now go when their leases expire");
}

function countText(count: number): string {
  return count === 1 ? "1 instance" : `${count} instances`;
}

const reasons = { found: "is not running", died: "died", started: "started" } as const;
const results = { deregistered: "names removed", registered: "names registered" } as const;

/** `12:34:56  demo-one died: names removed  23 ms` */
function eventText({ host, kind, cause, milliseconds, reason }: RegistrationEvent): string {
  const time = paint("dim", new Date().toTimeString().slice(0, 8), "stdout");
  const result =
    kind === "failed" ? paint("red", `the DNS update failed: ${reason}`, "stdout") : results[kind];
  const took = paint("dim", `${Math.round(milliseconds)} ms`, "stdout");
  return `${time}  ${host} ${reasons[cause]}: ${result}  ${took}`;
}
