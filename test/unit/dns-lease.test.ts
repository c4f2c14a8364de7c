import { describe, expect, test } from "bun:test";
import { findLeases } from "../../src/dns/registry/lease.ts";

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
