import { createRegistryEntry, type InstanceRegistration } from "../../../src/dns/registry/entry.ts";
import type { ResourceRecord } from "../../../src/dns/wire/message.ts";
import { planDeregistration } from "../../../src/dns/registry/plan-deregistration.ts";
import { planPointer, planRegistration } from "../../../src/dns/registry/plan-registration.ts";
import type { RecordData } from "../../../src/dns/wire/record.ts";
import type { Prerequisite, Update } from "../../../src/dns/client/update.ts";

export const demoRegistration: InstanceRegistration = {
  zone: "local.zone",
  service: "demo",
  instance: "one",
  address: "10.5.0.7",
  policy: "REPLACE",
  ttl: 5,
  node: "alpha",
};

export const leaseId = "00112233445566aa";

/** A zone that carries updates out as RFC 2136 says; names of all zones together. */
export class Zone {
  records: ResourceRecord[] = [];

  at(name: string, type: string): RecordData[] {
    return this.records.flatMap((one) =>
      one.name === name && one.data.type === type ? one.data : [],
    );
  }

  carryOut(update: Update): boolean {
    if (!update.prerequisites.every((one) => this.holds(one))) return false;
    for (const change of update.changes) {
      const isMeant = (one: ResourceRecord): boolean =>
        one.name === change.name &&
        (change.kind === "remove-all"
          ? one.data.type === change.type
          : Bun.deepEquals(one.data, change.data));
      this.records = this.records.filter((one) => !isMeant(one));
      if (change.kind === "add")
        this.records.push({ name: change.name, class: "IN", ttl: change.ttl, data: change.data });
    }
    return true;
  }

  private holds(one: Prerequisite): boolean {
    if (one.kind !== "equals")
      return this.at(one.name, one.type).length > 0 === (one.kind === "exists");
    const there = this.at(one.name, one.data[0]?.type ?? "");
    return (
      there.length === one.data.length &&
      one.data.every((data) => there.some((other) => Bun.deepEquals(data, other)))
    );
  }

  register(registration: InstanceRegistration, now = 1000): boolean {
    const entry = createRegistryEntry(registration);
    const update = planRegistration(entry, registration, this.at(entry.generation, "TXT"), {
      id: leaseId,
      now,
    });
    for (const pointer of planPointer(entry, 5)) this.carryOut(pointer);
    return this.carryOut(update);
  }

  deregister(registration: InstanceRegistration): boolean[] {
    const updates = planDeregistration(createRegistryEntry(registration), this.records, 5);
    return updates.map((update) => this.carryOut(update));
  }

  addresses(name: string): string[] {
    return this.at(`${name}.local.zone`, "A")
      .flatMap((data) => ("address" in data ? data.address : []))
      .toSorted();
  }

  generation(service: string): string | undefined {
    const [data] = this.at(`${service}._generation.local.zone`, "TXT");
    return data && "strings" in data ? data.strings.join("") : undefined;
  }

  pointer(address: string): string[] {
    const name = `${address.split(".").toReversed().join(".")}.in-addr.arpa`;
    return this.at(name, "PTR").flatMap((data) => ("target" in data ? data.target : []));
  }
}
