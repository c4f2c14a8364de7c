import { describe, expect, test } from "bun:test";
import {
  createRegistryEntry,
  type InstanceRegistration,
  type UpdatePolicy,
} from "../../src/dns/registry/entry.ts";
import { findLeases } from "../../src/dns/registry/lease.ts";
import { planDeregistration } from "../../src/dns/registry/plan-deregistration.ts";
import { planRegistration } from "../../src/dns/registry/plan-registration.ts";
import type { RecordData } from "../../src/dns/wire/record.ts";
import { demoRegistration, leaseId, Zone } from "./support/dns-zone.ts";

const instance = (
  name: string,
  last: number,
  policy: UpdatePolicy = "REPLACE",
): InstanceRegistration => ({
  ...demoRegistration,
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
    expect(zone.register(demoRegistration)).toBeTrue();
    expect([zone.addresses("demo-one"), zone.addresses("demo")]).toEqual([
      [demoRegistration.address],
      [demoRegistration.address],
    ]);
    expect(zone.pointer(demoRegistration.address)).toEqual(["demo-one.local.zone"]);
    const { zone: _, ttl, ...told } = demoRegistration;
    expect(findLeases(zone.records, "local.zone")).toEqual([
      { id: leaseId, seq: 1, ...told, policy: "REPLACE", generation: 1000, since: 1000 },
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
    const late = planRegistration(createRegistryEntry(two()), two(), [], { id: leaseId, now: 1 });
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
