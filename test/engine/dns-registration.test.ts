import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { readZone } from "../../src/dns/client/transfer.ts";
import { findLeases } from "../../src/dns/registry/lease.ts";
import { register, registerIfMissing } from "../../src/dns/registry/register.ts";
import { type Bind, registrationOf, startBind } from "./support/bind.ts";

const proxies: Socket[] = [];
let bind: Bind;

beforeAll(async () => {
  bind = await startBind();
}, 300_000);

afterAll(async () => {
  for (const proxy of proxies) proxy.close();
  await bind?.[Symbol.asyncDispose]();
});

describe("registration", () => {
  test("an instance is known by its host name, its service and its address", async () => {
    const demo = registrationOf("known");
    await bind.register(demo);
    const answer = await bind.ask("Known-One.local.zone", "A");
    expect(answer).toMatchObject({
      rcode: "NOERROR",
      authoritative: true,
      addresses: [demo.address],
    });
    expect(answer.records[0]?.ttl).toBe(5);
    expect(await bind.addressesOf("known")).toEqual([demo.address]);
    expect(await bind.nameOf(demo)).toBe("known-one.local.zone");
    const digged = await bind.exec(["dig", "+short", "@127.0.0.1", "known-one.local.zone"]);
    expect(digged).toBe(demo.address);
  });

  test("it has a lease, and the service a generation, as dig shows them", async () => {
    const now = Math.floor(Date.now() / 1000);
    const demo = registrationOf("leased");
    await bind.register(demo);
    const dig = (name: string) =>
      bind.exec(["dig", "+short", "@127.0.0.1", "TXT", `${name}.local.zone`]);
    const fields = [`service=leased`, `instance=one`, `address=${demo.address}`, `policy=REPLACE`];
    const text = await dig("leased-one._lease");
    expect(text).toMatch(/^"v=1" "id=[0-9a-f]{16}" "seq=1" /);
    expect(text).toContain(fields.map((field) => `"${field}"`).join(" "));
    const generation = Number((await dig("leased._generation")).replaceAll('"', ""));
    expect(generation).toBeGreaterThanOrEqual(now);
    expect(text).toContain(`"generation=${generation}" "node=alpha" "since=`);
  });

  test("a new address replaces the old one", async () => {
    await bind.register(registrationOf("moved"));
    const moved = registrationOf("moved");
    await bind.register(moved);
    expect(await bind.addressesOf("moved-one")).toEqual([moved.address]);
    expect(await bind.addressesOf("moved")).toEqual([moved.address]);
  });

  test("REPLACE: the last one is the service, both are hosts; without it the first one again", async () => {
    const [one, two] = [registrationOf("replace", "one"), registrationOf("replace", "two")];
    await bind.register(one, two);
    expect(await bind.addressesOf("replace")).toEqual([two.address]);
    expect(await bind.addressesOf("replace-one")).toEqual([one.address]);
    await bind.deregister(two);
    expect(await bind.addressesOf("replace")).toEqual([one.address]);
  });

  test("APPEND: all are the service, also after one that replaced", async () => {
    const first = registrationOf("append", "zero");
    const more = ["one", "two", "three"].map((name) =>
      registrationOf("append", name, { policy: "APPEND" }),
    );
    await bind.register(first, ...more);
    const all = [first, ...more].map(({ address }) => address);
    expect(await bind.addressesOf("append")).toEqual(all.toSorted());
  });

  test("HIDE: no names, and those there were are gone, whatever their address was", async () => {
    const shown = registrationOf("hide", "one", { policy: "APPEND" });
    const other = registrationOf("hide", "two", { policy: "APPEND" });
    await bind.register(shown, other);
    await bind.register({ ...shown, address: "10.77.200.1", policy: "HIDE" });
    expect(await bind.addressesOf("hide")).toEqual([other.address]);
    expect((await bind.ask("hide-one.local.zone", "A")).rcode).toBe("NXDOMAIN");
    expect(await bind.nameOf(shown)).toBeUndefined();
  });

  test("deregister leaves nothing of the last one, and the others of a service alone", async () => {
    const [one, two] = [
      registrationOf("leave", "one", { policy: "APPEND" }),
      registrationOf("leave", "two", { policy: "APPEND" }),
    ];
    await bind.register(one, two);
    await bind.deregister(one);
    expect(await bind.addressesOf("leave")).toEqual([two.address]);
    expect((await bind.ask("leave-one.local.zone", "A")).rcode).toBe("NXDOMAIN");
    expect([await bind.nameOf(one), await bind.nameOf(two)]).toEqual([
      undefined,
      "leave-two.local.zone",
    ]);
    await bind.deregister(two, two);
    const names = (await readZone("local.zone", bind.options)).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("leave"))).toEqual([]);
  });

  test("deregister too late takes nothing from who has the address, or the name, by now", async () => {
    const first = registrationOf("late", "one");
    const heir = { ...registrationOf("late", "two"), address: first.address };
    const again = registrationOf("late", "one", { policy: "APPEND" });
    await bind.register(first, heir, again);
    await bind.deregister(first);
    expect(await bind.nameOf(first)).toBe("late-two.local.zone");
    expect(await bind.addressesOf("late-one")).toEqual([again.address]);
    expect(await bind.addressesOf("late")).toEqual([first.address, again.address].toSorted());
  });

  test("two instances at one address: the first to go leaves it, and its name, to the other", async () => {
    const one = registrationOf("shared", "one", { policy: "APPEND" });
    const two = { ...one, instance: "two" };
    await bind.register(one, two);
    await bind.deregister(two);
    expect(await bind.addressesOf("shared")).toEqual([one.address]);
    expect(await bind.nameOf(one)).toBe("shared-one.local.zone");
  });

  test("again if it is missing: who stands there with the same address keeps its lease and its place", async () => {
    const [one, two] = [registrationOf("again", "one"), registrationOf("again", "two")];
    await bind.register(one, two);
    expect(await registerIfMissing(one, bind.options)).toBeFalse();
    expect(await bind.addressesOf("again")).toEqual([two.address]);
    await bind.deregister(one);
    // By several at the same time, one of them does it: what joins has no generation to quarrel over.
    const joining = { ...one, policy: "APPEND" } as const;
    const done = await Promise.all([1, 2, 3].map(() => registerIfMissing(joining, bind.options)));
    expect(done.filter(Boolean)).toHaveLength(1);
    expect(await bind.addressesOf("again")).toEqual([one.address, two.address].toSorted());
    const moved = { ...one, address: "10.77.201.1" };
    expect(await registerIfMissing(moved, bind.options)).toBeTrue();
    expect(await bind.addressesOf("again-one")).toEqual(["10.77.201.1"]);
  });

  test("20 that replace and 20 that join at once: all are hosts, one generation won", async () => {
    const policies = ["REPLACE", "APPEND"] as const;
    const all = Array.from({ length: 40 }, (_, index) =>
      registrationOf("rush", `i${index}`, { policy: policies[index % 2] ?? "APPEND" }),
    );
    await Promise.all(all.map((one) => bind.register(one)));
    const leases = findLeases(await readZone("local.zone", bind.options), "local.zone").filter(
      ({ service }) => service === "rush",
    );
    expect(leases).toHaveLength(40);
    const highest = Math.max(...leases.map(({ generation }) => generation));
    const newest = leases.filter(({ generation }) => generation === highest);
    expect(await bind.addressesOf("rush")).toEqual(newest.map(({ address }) => address).toSorted());
    await Promise.all(all.map((one) => bind.deregister(one)));
    expect(await bind.addressesOf("rush")).toEqual([]);
  }, 300_000);
});

test("registering takes one question and two updates", async () => {
  const packets = new Set<string>();
  const port = await countingProxy(packets);
  for (let index = 0; index < 20; index += 1)
    await register(registrationOf("counted", `i${index}`), {
      ...bind.options,
      server: "127.0.0.1",
      port,
    });
  expect(packets.size).toBe(60);
});

/** Passes datagrams on to the DNS and back, and notes what is asked: on a busy machine it may be asked again. */
async function countingProxy(packets: Set<string>): Promise<number> {
  const front = createSocket("udp4");
  proxies.push(front);
  front.on("message", (question, client) => {
    packets.add(question.toString("hex"));
    const back = createSocket("udp4");
    back.once("message", (answer) => {
      front.send(answer, client.port, client.address);
      back.close();
    });
    back.send(question, 53, bind.server);
  });
  front.bind(0, "127.0.0.1");
  await once(front, "listening");
  return front.address().port;
}
