import { ReynsError } from "../../errors.ts";
import { isPublished, isRunning, type Observed } from "../../model/observed.ts";
import type { RegisteredInstance } from "../../model/registered.ts";
import type { Register } from "../../model/readiness.ts";
import type { DescribedStart } from "../describe/described-start.ts";

/** A DNS, and the zone that it serves. */
export interface AskedDns extends Pick<Register, "server" | "zone"> {
  /** The plan replaces it, perhaps because it has former keys. */
  readonly isReplaced: boolean;
}

interface OtherMachines {
  readonly observed: Pick<Observed, "registered">;
  /** Name of this Engine's machine. */
  readonly hostHostname: string;
}

/**
 * Finds instances that another machine runs as well: the DNS has a fresh registration of theirs. A machine whose address
 * has changed is still the same one.
 */
export function otherMachineErrors(
  starting: readonly DescribedStart[],
  { observed: { registered }, hostHostname }: OtherMachines,
): ReynsError[] {
  const known = new Map(registered?.instances.map((instance) => [instance.host, instance]));
  return starting.flatMap(({ step: { host, register } }) => {
    const other = known.get(host);
    if (!other || !isPublished(register)) return [];
    const isHere = other.node === hostHostname || other.address === register.address;
    return isHere ? [] : [runsElsewhere(other)];
  });
}

function runsElsewhere({ host, service, instance, node, address }: RegisteredInstance): ReynsError {
  const message = `${host} runs on ${node} (${address}) already: its names would lead here`;
  const hint = `to run it here instead, on ${node}: reyns clean ${service} ${instance}\nif ${node} is off or cut off, wait until its registration expires: reyns dns`;
  return new ReynsError("NAME_TAKEN", message, { hint });
}

/**
 * The DNS that can tell what other machines run: the one with which instances that start, or lack an address, register.
 * Not one that this plan starts where none runs: it knows of nothing yet.
 */
export function dnsToAsk(decided: readonly DescribedStart[]): AskedDns | undefined {
  const started = decided.filter(({ placed }) => placed.isDns && placed.starts);
  const replaced = started.filter(({ placed: { existing } }) => existing && isRunning(existing));
  const [own, known] = [addressesOf(started), addressesOf(replaced)];
  const asking = decided.filter(
    ({ placed, missing }) => placed.starts || missing.some(({ elsewhere }) => elsewhere),
  );
  const registrations = asking.flatMap(({ step: { register } }) =>
    register && isPublished(register) ? register : [],
  );
  const dns = registrations.find(({ server }) => !own.has(server) || known.has(server));
  return dns && { server: dns.server, zone: dns.zone, isReplaced: own.has(dns.server) };
}

function addressesOf(servers: readonly DescribedStart[]): Set<string | undefined> {
  return new Set(servers.flatMap(({ step }) => [step.address, step.register?.address]));
}
