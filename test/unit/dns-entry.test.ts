import { describe, expect, test } from "bun:test";
import { createRegistryEntry, type InstanceRegistration } from "../../src/dns/registry/entry.ts";
import { planPointer } from "../../src/dns/registry/plan-registration.ts";
import { demoRegistration } from "./support/dns-zone.ts";

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
    const entry = createRegistryEntry({ ...demoRegistration, address });
    expect(entry.reverseZone).toBe(zone as string);
    expect(planPointer(entry, 5)).toHaveLength(zone === undefined ? 0 : 1);
  });
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
    expect(() => createRegistryEntry({ ...demoRegistration, [field]: value })).toThrow(
      expect.objectContaining({ code: "INVALID_VALUE" }),
    );
  });

  test("63 characters are a host name still", () => {
    const widest = { ...demoRegistration, service: "s".repeat(31), instance: "i".repeat(31) };
    expect(createRegistryEntry(widest).host).toStartWith("s");
  });

  test("lower case, and no final dot", () => {
    const shouted = { ...demoRegistration, zone: "Local.Zone.", service: "Demo", instance: "ONE" };
    expect(createRegistryEntry(shouted)).toEqual(createRegistryEntry(demoRegistration));
  });
});
