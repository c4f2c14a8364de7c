import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Container, must, pauseContainer, until } from "./support/images-container.ts";
import { quick, startZone, type Zone } from "./support/images-zone.ts";

// Containers take their time on a busy machine.
setDefaultTimeout(240_000);

let zone: Zone;
let several: Container[];

const names = ["one", "two", "three"];

const env = { DNS_UPDATE_POLICY: "APPEND" };

beforeAll(async () => {
  zone = await startZone();
  several = await Promise.all(names.map((name) => zone.start("several", name, { env })));
  await complete();
}, 300_000);

afterAll(() => zone?.[Symbol.asyncDispose]());

/** Whether all that stands in the zone for the instances is right at this moment. */
async function isComplete(): Promise<boolean> {
  const addresses = several.map(({ address }) => address);
  if ((await zone.resolve("several")) !== addresses.toSorted().join(" ")) return false;
  const hosts = await Promise.all(names.map((name) => zone.resolve(`several-${name}`)));
  const pointers = await Promise.all(addresses.map((address) => zone.pointer(address)));
  return (
    hosts.join() === addresses.join() &&
    pointers.join() === "several-one.local.zone,several-two.local.zone,several-three.local.zone"
  );
}

const complete = (): Promise<boolean> => until("all of them", isComplete);

/** How often the lease has been renewed that was renewed least. */
async function renewals(): Promise<number> {
  const leases = await Promise.all(names.map((name) => zone.lease(`several-${name}`)));
  const numbers = leases.map((lease) => lease.find((text) => text.startsWith("seq="))?.slice(4));
  return Math.min(...numbers.map(Number));
}

/** Holds for longer than a lease: until each has been renewed as often as a lease lasts. */
async function staysComplete(): Promise<void> {
  const last = (await renewals()) + Math.ceil(Number(quick.DNS_LEASE) / Number(quick.DNS_RENEW));
  const renewed = async (): Promise<boolean> => {
    expect(await isComplete()).toBeTrue();
    return (await renewals()) > last;
  };
  await until("the renewals", renewed);
}

describe("a DNS", () => {
  test("that is killed has everything again, and loses nobody", async () => {
    await must("docker", "kill", zone.dns.id);
    await must("docker", "start", zone.dns.id);
    await complete();
    await staysComplete();
  });

  test("that comes back without its data has everything again", async () => {
    await zone.renewDns();
    await complete();
    await staysComplete();
  });

  test("that is away for longer than a lease loses nobody", async () => {
    const before = await zone.lease("several-one");
    await must("docker", "stop", zone.dns.id);
    await until("the line", async () => (await several[0]?.logs())?.includes("it does not answer"));
    await Bun.sleep(4000);
    await must("docker", "start", zone.dns.id);
    await complete();
    await staysComplete();
    expect((await zone.lease("several-one"))[1]).toBe(before[1]);
  });

  test("that is paused for longer than a lease loses nobody", async () => {
    await pauseContainer(zone.dns.id);
    await Bun.sleep(4000);
    await must("docker", "unpause", zone.dns.id);
    await complete();
    await staysComplete();
  });

  test("stands in its zone", async () => {
    await until("dns", async () => (await zone.resolve("dns")) === zone.server);
  });
});

describe("the reaper", () => {
  test("puts right what differs from the leases", async () => {
    const [one] = several.map(({ address }) => address);
    const pointer = `${one?.split(".").toReversed().join(".")}.in-addr.arpa`;
    await zone.update(
      "update add several.local.zone 5 A 10.3.3.3",
      `update delete several.local.zone A ${one}`,
      "update delete several-two.local.zone A",
      "update add several-three.local.zone 5 A 10.3.3.4",
      'update add several._generation.local.zone 5 TXT "no number"',
      "update delete dns.local.zone A",
    );
    await zone.update(
      `update delete ${pointer} PTR`,
      `update add ${pointer} 5 PTR other.local.zone.`,
    );
    await complete();
    await until("dns", async () => (await zone.resolve("dns")) === zone.server);
  });

  test("leaves alone what somebody else has written", async () => {
    await zone.update(
      "update add manual.local.zone 5 A 10.3.3.5",
      'update add manual.local.zone 5 TXT "mine"',
    );
    await zone.update("update add 5.3.3.10.in-addr.arpa 5 PTR manual.local.zone.");
    await zone.update("update add 6.3.3.10.in-addr.arpa 5 PTR elsewhere.test.");
    await zone.update("update add 7.3.3.10.in-addr.arpa 5 PTR nobody.local.zone.");
    await until("no stray pointer", async () => (await zone.pointer("10.3.3.7")) === "");
    await staysComplete();
    expect(await zone.resolve("manual")).toBe("10.3.3.5");
    expect(await zone.pointer("10.3.3.5")).toBe("manual.local.zone");
    expect(await zone.pointer("10.3.3.6")).toBe("elsewhere.test");
  });

  const lease = (fields: Readonly<Record<string, string>>): string => {
    const all = {
      v: "1",
      id: "0123456789abcdef",
      seq: "1",
      service: "odd",
      instance: "one",
      address: "10.3.4.5",
      policy: "REPLACE",
      generation: "1",
      node: "",
      since: "1",
      ...fields,
    };
    return Object.entries(all)
      .map(([name, value]) => `"${name}=${value}"`)
      .join(" ");
  };

  test.each([
    ["no fields", '""'],
    ["many fields", Array(99).fill('"a=b"').join(" ")],
    ["bytes", '"v=1\\000\\255" "\\034\\092"'],
    ["no address", lease({ address: "10.3.4.555" })],
    ["a huge number", lease({ generation: "9".repeat(200) })],
    ["a name with a dot", lease({ service: "a.b" })],
    ["a line end", lease({ service: "odd\\010" })],
  ])("believes no lease with %s, and takes it out in time", async (_, text) => {
    await zone.update(`update add odd-one._lease.local.zone 5 TXT ${text}`);
    expect(await zone.lease("odd-one")).not.toEqual([]);
    expect(await zone.resolve("odd")).toBe("");
    await until("its end", async () => (await zone.lease("odd-one")).length === 0);
    expect(await isComplete()).toBeTrue();
  });

  test("gives whoever has a lease its records, and takes them with it", async () => {
    await zone.update(`update add odd-two._lease.local.zone 5 TXT ${lease({ instance: "two" })}`);
    await until("its names", async () => (await zone.resolve("odd")) === "10.3.4.5");
    await until("its end", async () => (await zone.resolve("odd")) === "");
    await until("the end of its host", async () => (await zone.resolve("odd-two")) === "");
    expect(await zone.dns.logs()).not.toContain("cannot check the zone");
  });

  test("is not in the way of names with odd characters", async () => {
    await zone.update(
      "update add a\\.b.local.zone 5 TXT x",
      "update add \\255._lease.local.zone 5 TXT x",
    );
    await staysComplete();
    expect((await zone.dns.exec("supervisorctl", "status", "reaper")).stdout).toContain("RUNNING");
  });
});
