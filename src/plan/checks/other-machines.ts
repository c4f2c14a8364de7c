import { ReynsError } from "../../errors.ts";
import { isPublished } from "../../model/observed.ts";
import type { RegisteredInstance, RegisteredZone } from "../../model/registered.ts";
import type { Register } from "../../model/readiness.ts";
import type { Step } from "../../model/steps.ts";
import type { DescribedStart } from "../describe/described-start.ts";

/** A DNS, and the zone that it serves. */
export type AskedDns = Pick<Register, "server" | "zone">;

/**
 * Finds instances that another machine runs as well: the DNS has a fresh registration of theirs. A machine whose address
 * has changed is still the same one.
 *
 * @param machine name of this Engine's machine
 */
export function otherMachineErrors(
  steps: readonly Step[],
  registered: RegisteredZone | undefined,
  machine: string,
): ReynsError[] {
  const known = new Map(registered?.instances.map((instance) => [instance.host, instance]));
  return registrationsOf(steps).flatMap(({ host, register }) => {
    const other = known.get(host);
    const isOther =
      other !== undefined && other.node !== machine && other.address !== register.address;
    return isOther ? [runsElsewhere(other)] : [];
  });
}

interface Registration {
  readonly host: string;
  readonly register: Register;
}

function registrationsOf(steps: readonly Step[]): Registration[] {
  return steps.flatMap((step) => {
    if (step.kind !== "start-instance" && step.kind !== "restart-instance") return [];
    const { host, register } = step;
    return register && isPublished(register) ? [{ host, register }] : [];
  });
}

function runsElsewhere({ host, service, instance, node, address }: RegisteredInstance): ReynsError {
  const message = `${host} runs on ${node} (${address}) already: its names would lead here`;
  const hint = `to run it here instead, on ${node}: reyns clean ${service} ${instance}\nif ${node} is off or cut off, wait until its registration expires: reyns dns`;
  return new ReynsError("NAME_TAKEN", message, { hint });
}

/**
 * The DNS that can tell what other machines run: the one with which instances that start, or lack an address, register.
 * Not one that this plan itself starts: it knows of nothing yet.
 */
export function dnsToAsk(decided: readonly DescribedStart[]): AskedDns | undefined {
  const servers = decided.filter(({ placed }) => placed.isDns && placed.starts);
  const own = new Set(servers.flatMap(({ step }) => [step.address, step.register?.address]));
  const asking = decided.filter(
    ({ placed, missing }) => placed.starts || missing.some(({ elsewhere }) => elsewhere),
  );
  const registrations = asking.flatMap(({ step: { register } }) =>
    register && isPublished(register) ? register : [],
  );
  return registrations.find(({ server }) => !own.has(server));
}
