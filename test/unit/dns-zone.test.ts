import { describe, expect, test } from "bun:test";
import { deregister, register } from "../../src/dns/zone.ts";
import type { Registration } from "../../src/dns/zone.ts";

const demo: Registration = {
  zone: "local.zone",
  service: "demo",
  instance: "one",
  address: "10.5.0.7",
  policy: "REPLACE",
  ttl: 5,
};
const a = { type: "A", address: "10.5.0.7" } as const;
const host = "demo-one.local.zone";
const service = "demo.local.zone";
const pointer = "7.0.5.10.in-addr.arpa";
const removePointer = { kind: "remove-all", name: pointer, type: "PTR" };
const addHost = { kind: "add", name: host, ttl: 5, data: a };
const addService = { kind: "add", name: service, ttl: 5, data: a };
const removeService = { kind: "remove", name: service, data: a };
const addPointer = { kind: "add", name: pointer, ttl: 5, data: { type: "PTR", target: host } };
const stillOurs = { kind: "equals", name: pointer, data: [{ type: "PTR", target: host }] };
const reverse = (prerequisites: object[], changes: object[]) => ({
  zone: "10.in-addr.arpa",
  prerequisites,
  changes,
});
const forward = (...changes: object[]) => ({ zone: "local.zone", prerequisites: [], changes });
const clear = (name: string) => ({ kind: "remove-all", name, type: "A" });

describe("register", () => {
  test("REPLACE: the service is this instance alone", () => {
    expect(register(demo) as object[]).toEqual([
      forward(clear(host), addHost, clear(service), addService),
      reverse([], [removePointer, addPointer]),
    ]);
  });

  test("APPEND: one more of the service", () => {
    expect(register({ ...demo, policy: "APPEND" }) as object[]).toEqual([
      forward(clear(host), addHost, addService),
      reverse([], [removePointer, addPointer]),
    ]);
  });

  test("HIDE: nothing, and what there was goes", () => {
    expect(register({ ...demo, policy: "HIDE" }) as object[]).toEqual([
      forward(clear(host), removeService),
      reverse([stillOurs], [removePointer]),
    ]);
  });

  test("lower case, and no final dot", () => {
    const shouted = { ...demo, zone: "Local.Zone.", service: "Demo", instance: "ONE" };
    expect(register(shouted)).toEqual(register(demo));
  });
});

test("deregister takes out only what bears the instance's address", () => {
  expect(deregister(demo) as object[]).toEqual([
    forward({ kind: "remove", name: host, data: a }, removeService),
    reverse([stillOurs], [removePointer]),
  ]);
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
    for (const updates of [register({ ...demo, address }), deregister({ ...demo, address })]) {
      expect(updates[1]?.zone).toBe(zone as string);
      expect(updates).toHaveLength(zone === undefined ? 1 : 2);
    }
  });
});

describe("what cannot stand in a zone", () => {
  const long = "x".repeat(60);
  const wrong: [keyof Registration, unknown][] = [
    ...["", "-a", "a-", "a_b", "a.b", "a b", "ä", "a\n", "x".repeat(64), `${long}x`].map(
      (text): [keyof Registration, unknown] => ["service", text],
    ),
    ...["", "-", "*", "@", long].map((text): [keyof Registration, unknown] => ["instance", text]),
    ...[
      "",
      "1.2.3",
      "1.2.3.256",
      "010.0.0.1",
      "::1",
      "::ffff:10.0.0.1",
      "10.0.0.1\n",
      "0xa.0.0.1",
    ].map((text): [keyof Registration, unknown] => ["address", text]),
    ...["", ".", "a..b", "_x", `${long}.${long}.${long}.${long}.abc`].map(
      (text): [keyof Registration, unknown] => ["zone", text],
    ),
    ...[-1, 1.5, 2 ** 31, NaN].map((ttl): [keyof Registration, unknown] => ["ttl", ttl]),
  ];
  test.each(wrong)("%s %j is refused", (field, value) => {
    const registration = { ...demo, [field]: value };
    for (const act of [register, deregister]) {
      expect(() => act(registration)).toThrow(expect.objectContaining({ code: "INVALID_VALUE" }));
    }
  });

  test("63 characters are a host name still", () => {
    expect(register({ ...demo, service: "s".repeat(31), instance: "i".repeat(31) })).toHaveLength(
      2,
    );
  });
});
