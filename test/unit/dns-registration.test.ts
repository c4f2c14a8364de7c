import { describe, expect, test } from "bun:test";
import { createRegistryEntry } from "../../src/dns/registry/entry.ts";
import type { InstanceRegistration, UpdatePolicy } from "../../src/dns/registry/entry.ts";
import { findLeases } from "../../src/dns/registry/lease.ts";
import type { ResourceRecord } from "../../src/dns/wire/message.ts";
import { planDeregistration } from "../../src/dns/registry/plan-deregistration.ts";
import { planPointer, planRegistration } from "../../src/dns/registry/plan-registration.ts";
import type { RecordData } from "../../src/dns/wire/record.ts";
import type { Prerequisite, Update } from "../../src/dns/client/update.ts";

const demo: InstanceRegistration = {
  zone: "local.zone",
  service: "demo",
  instance: "one",
  address: "10.5.0.7",
  policy: "REPLACE",
  ttl: 5,
  node: "alpha",
};
const id = "00112233445566aa";

/** A zone that carries updates out as RFC 2136 says; names of all zones together. */
class Zone {
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
      id,
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

const instance = (
  name: string,
  last: number,
  policy: UpdatePolicy = "REPLACE",
): InstanceRegistration => ({
  ...demo,
  instance: name,
  address: `10.5.0.${last}`,
  policy,
});
const one = (policy?: UpdatePolicy) => instance("one", 1, policy);
const two = (policy?: UpdatePolicy) => instance("two", 2, policy);
const three = (policy?: UpdatePolicy) => instance("three", 3, policy);

describe("registering", () => {
  test("an instance is known by its host name, its service and its address, and has a lease", () => {
    const zone = new Zone();
    expect(zone.register(demo)).toBeTrue();
    expect([zone.addresses("demo-one"), zone.addresses("demo")]).toEqual([
      [demo.address],
      [demo.address],
    ]);
    expect(zone.pointer(demo.address)).toEqual(["demo-one.local.zone"]);
    const { zone: _, ttl, ...told } = demo;
    expect(findLeases(zone.records, "local.zone")).toEqual([
      { id, seq: 1, ...told, policy: "REPLACE", generation: 1000, since: 1000 },
    ]);
    expect(zone.records.every((record) => record.ttl === ttl)).toBeTrue();
  });

  const sequences: [string, InstanceRegistration[], string[], string][] = [
    ["REPLACE: the last one is the service", [one(), two()], ["10.5.0.2"], "1001"],
    ["APPEND: all of them are", [one("APPEND"), two("APPEND")], ["10.5.0.1", "10.5.0.2"], ""],
    ["APPEND joins who replaced", [one(), two("APPEND")], ["10.5.0.1", "10.5.0.2"], "1000"],
    ["REPLACE after APPEND", [one("APPEND"), two("APPEND"), three()], ["10.5.0.3"], "1000"],
    ["the same again", [one(), one()], ["10.5.0.1"], "1001"],
    ["at another address", [one(), { ...one(), address: "10.5.0.9" }], ["10.5.0.9"], "1001"],
  ];
  test.each(sequences)("%s", (_, registrations, addresses, generation) => {
    const zone = new Zone();
    for (const each of registrations) expect(zone.register(each)).toBeTrue();
    expect(zone.addresses("demo")).toEqual(addresses);
    expect(zone.generation("demo") ?? "").toBe(generation);
    for (const each of new Set(registrations.map((given) => given.instance)))
      expect(zone.addresses(`demo-${each}`)).toHaveLength(1);
  });

  test("a clock that is behind does not make an older one the newest", () => {
    const zone = new Zone();
    zone.register(one(), 5000);
    zone.register(two(), 10);
    expect([zone.addresses("demo"), zone.generation("demo")]).toEqual([["10.5.0.2"], "5001"]);
  });

  test("what was decided by a generation that has passed is not carried out", () => {
    const zone = new Zone();
    zone.register(one());
    const late = planRegistration(createRegistryEntry(two()), two(), [], { id, now: 1 });
    expect(zone.carryOut(late)).toBeFalse();
    expect(zone.addresses("demo")).toEqual(["10.5.0.1"]);
  });
});

describe("deregistering", () => {
  const cases: [string, InstanceRegistration[], InstanceRegistration, string[], string][] = [
    ["the only one: nothing is left", [one()], one(), [], ""],
    ["one of several", [one("APPEND"), two("APPEND")], one(), ["10.5.0.2"], "0"],
    [
      "who replaced: those before are the service again",
      [one("APPEND"), two("APPEND"), three()],
      three(),
      ["10.5.0.1", "10.5.0.2"],
      "0",
    ],
    ["who was replaced", [one(), two()], one(), ["10.5.0.2"], "1001"],
    ["who joined", [one(), two("APPEND")], two(), ["10.5.0.1"], "1000"],
  ];
  test.each(cases)("%s", (_, registrations, leaving, addresses, generation) => {
    const zone = new Zone();
    for (const each of registrations) zone.register(each);
    expect(zone.deregister(leaving)).toEqual([true, true]);
    expect(zone.addresses("demo")).toEqual(addresses);
    expect(zone.generation("demo") ?? "").toBe(generation);
    expect(zone.addresses(`demo-${leaving.instance}`)).toEqual([]);
    expect(findLeases(zone.records, "local.zone")).toHaveLength(registrations.length - 1);
    expect(zone.pointer(leaving.address)).toEqual([]);
  });

  test("another with the same address keeps it, and its name", () => {
    const zone = new Zone();
    const shared = { ...two("APPEND"), address: "10.5.0.1" };
    zone.register(shared);
    zone.register(one("APPEND"));
    zone.deregister(one());
    expect(zone.addresses("demo")).toEqual(["10.5.0.1"]);
    expect(zone.pointer("10.5.0.1")).toEqual(["demo-two.local.zone"]);
  });

  test("an address that another service has by now leads there", () => {
    const zone = new Zone();
    zone.register(one());
    zone.register({ ...one(), service: "web" });
    zone.deregister(one());
    expect(zone.pointer("10.5.0.1")).toEqual(["web-one.local.zone"]);
    expect(zone.addresses("web")).toEqual(["10.5.0.1"]);
  });

  test("too late, when the name has another address: nothing is taken", () => {
    const zone = new Zone();
    const moved = { ...one(), address: "10.5.0.9" };
    zone.register(one());
    zone.register(moved);
    zone.deregister(one());
    expect([zone.addresses("demo-one"), zone.addresses("demo")]).toEqual([
      ["10.5.0.9"],
      ["10.5.0.9"],
    ]);
    expect(zone.pointer("10.5.0.1")).toEqual([]);
    expect(zone.pointer("10.5.0.9")).toEqual(["demo-one.local.zone"]);
  });

  test("twice: the second time nothing is to be done", () => {
    const zone = new Zone();
    zone.register(one());
    zone.deregister(one());
    expect(zone.deregister(one())).toEqual([false]);
  });

  test("names without a lease stay", () => {
    const zone = new Zone();
    const add = (name: string, data: RecordData) =>
      zone.records.push({ name, class: "IN", ttl: 5, data });
    add("printer.local.zone", { type: "A", address: "10.5.0.1" });
    add("demo-two.local.zone", { type: "A", address: "10.5.0.8" });
    add("demo-two._lease.local.zone", { type: "TXT", strings: ["v=1", "garbage"] });
    zone.register(one());
    zone.deregister(one());
    expect(zone.records).toHaveLength(3);
  });

  test("what was decided from a zone that has changed is not carried out", () => {
    const zone = new Zone();
    zone.register(one("APPEND"));
    const [update] = planDeregistration(createRegistryEntry(one()), zone.records, 5);
    zone.register(two("APPEND"));
    expect(zone.carryOut(update!)).toBeFalse();
  });
});

test("the service's name does not lead on to who leaves at the same time", () => {
  const zone = new Zone();
  zone.register(one());
  zone.register(two());
  const [update] = planDeregistration(createRegistryEntry(two()), zone.records, 5);
  zone.deregister(one());
  expect(zone.carryOut(update!)).toBeFalse();
});

describe("the reverse zone", () => {
  const zones: [string, string | undefined][] = [
    ["10.0.0.0", "10.in-addr.arpa"],
    ["10.255.255.255", "10.in-addr.arpa"],
    ["172.16.0.1", "16.172.in-addr.arpa"],
    ["172.31.255.1", "31.172.in-addr.arpa"],
    ["192.168.7.1", "168.192.in-addr.arpa"],
    ["172.15.0.1", undefined],
    ["172.32.0.1", undefined],
    ["192.169.0.1", undefined],
    ["11.0.0.1", undefined],
    ["127.0.0.1", undefined],
    ["203.0.113.9", undefined],
  ];
  test.each(zones)("of %s is %s", (address, zone) => {
    const entry = createRegistryEntry({ ...demo, address });
    expect(entry.reverseZone).toBe(zone as string);
    expect(planPointer(entry, 5)).toHaveLength(zone === undefined ? 0 : 1);
  });
});

describe("leases that somebody else wrote", () => {
  const good =
    "v=1 id=9f31c0d2a7b4e865 seq=17 service=demo instance=one address=10.192.0.3 policy=REPLACE generation=1795300000 node=alpha since=1795300000".split(
      " ",
    );
  const read = (strings: string[], name = "demo-one._lease.local.zone") =>
    findLeases([{ name, class: "IN", ttl: 5, data: { type: "TXT", strings } }], "local.zone");
  const without = (field: string, ...more: string[]) => [
    ...good.filter((text) => !text.startsWith(`${field}=`)),
    ...more,
  ];

  test("a whole one is read, in any order, with what it has besides", () => {
    const [lease] = read([...good.toReversed(), "colour=green", "", "="]);
    expect(lease).toMatchObject({
      seq: 17,
      address: "10.192.0.3",
      generation: 1_795_300_000,
      node: "alpha",
    });
  });

  const garbage: [string, string[]][] = [
    ["nothing", []],
    ["an empty text", [""]],
    ["another form", without("v", "v=2")],
    ["no id", without("id")],
    ["a short id", without("id", "id=9f31")],
    ["a negative seq", without("seq", "seq=-1")],
    ["an endless seq", without("seq", `seq=${"9".repeat(40)}`)],
    ["a name with dots", without("service", "service=a.b")],
    ["an address that is none", without("address", "address=10.0.0.256")],
    ["an unknown policy", without("policy", "policy=HIDE")],
    ["no generation", without("generation")],
  ];
  test.each(garbage)("%s is ignored", (_, strings) => {
    expect(read(strings)).toEqual([]);
  });

  test.each(["demo-two._lease.local.zone", "demo-one._lease.other.zone", "demo-one.local.zone"])(
    "one at %s is ignored",
    (name) => expect(read(good, name)).toEqual([]),
  );
});

describe("what cannot stand in a zone", () => {
  const long = "x".repeat(60);
  const wrong: [keyof InstanceRegistration, unknown][] = [
    ...["", "-a", "a-", "a_b", "a.b", "a b", "ä", "a\n", "x".repeat(64), `${long}x`].map(
      (text): [keyof InstanceRegistration, unknown] => ["service", text],
    ),
    ...["", "-", "*", "@", long].map((text): [keyof InstanceRegistration, unknown] => [
      "instance",
      text,
    ]),
    ...[
      "",
      "1.2.3",
      "1.2.3.256",
      "010.0.0.1",
      "::1",
      "::ffff:10.0.0.1",
      "10.0.0.1\n",
      "0xa.0.0.1",
    ].map((text): [keyof InstanceRegistration, unknown] => ["address", text]),
    ...["", ".", "a..b", "_x", `${long}.${long}.${long}.${long}.abc`].map(
      (text): [keyof InstanceRegistration, unknown] => ["zone", text],
    ),
    ...[-1, 1.5, 2 ** 31, NaN].map((ttl): [keyof InstanceRegistration, unknown] => ["ttl", ttl]),
  ];
  test.each(wrong)("%s %j is refused", (field, value) => {
    expect(() => createRegistryEntry({ ...demo, [field]: value })).toThrow(
      expect.objectContaining({ code: "INVALID_VALUE" }),
    );
  });

  test("63 characters are a host name still", () => {
    const widest = { ...demo, service: "s".repeat(31), instance: "i".repeat(31) };
    expect(createRegistryEntry(widest).host).toStartWith("s");
  });

  test("lower case, and no final dot", () => {
    const shouted = { ...demo, zone: "Local.Zone.", service: "Demo", instance: "ONE" };
    expect(createRegistryEntry(shouted)).toEqual(createRegistryEntry(demo));
  });
});
