import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Container, must, until } from "./support/images-container.ts";
import { startZone, type Zone } from "./support/images-zone.ts";

// Containers take their time on a busy machine.
setDefaultTimeout(240_000);

let zone: Zone;
let demo: Container;

beforeAll(async () => {
  zone = await startZone();
  demo = await zone.start("demo", "one");
  await until("its name", async () => (await zone.resolve("demo-one")) === demo.address);
}, 300_000);

afterAll(() => zone?.[Symbol.asyncDispose]());

/** "NAME TTL TYPE DATA" of the records of a name. */
async function records(name: string, type: string): Promise<string> {
  const words = ["dig", "+noall", "+answer", "+time=5", "@127.0.0.1", name, type];
  const text = await must("docker", "exec", zone.dns.id, ...words);
  return text.replaceAll(/[ \t]+/g, " ").replaceAll(" IN ", " ");
}

/** Instances of one's own, and the service's name, have these and nothing else. */
async function isRight(): Promise<boolean> {
  const names = ["demo-one.local.zone", "demo.local.zone"];
  const found = await Promise.all(
    names.flatMap((name) => [records(name, "A"), records(name, "TXT")]),
  );
  const wanted = names.flatMap((name) => [`${name}. 5 A ${demo.address}`, ""]);
  return Bun.deepEquals(found, wanted);
}

describe("the reaper puts right", () => {
  test.each([
    [
      "the TTL of a host's address",
      (address: string) => `demo-one.local.zone 2147483647 A ${address}`,
    ],
    ["the TTL of a service's address", (address: string) => `demo.local.zone 86400 A ${address}`],
    ["another address of a host", () => "demo-one.local.zone 5 A 6.6.6.6"],
    ["a text at a host", () => "demo-one.local.zone 5 TXT foreign"],
    ["a text at a service", () => "demo.local.zone 5 TXT foreign"],
  ])("%s", async (_, record) => {
    await until("the records", isRight);
    await zone.update(`update add ${record(demo.address)}`);
    await until("the records", isRight);
  });

  test("the TTL of a pointer", async () => {
    const pointer = `${demo.address.split(".").toReversed().join(".")}.in-addr.arpa`;
    const wanted = `${pointer}. 5 PTR demo-one.local.zone.`;
    await until("the pointer", async () => (await records(pointer, "PTR")) === wanted);
    await zone.update(`update add ${pointer} 86400 PTR demo-one.local.zone.`);
    await until("the pointer", async () => (await records(pointer, "PTR")) === wanted);
  });

  test("wildcards, at any depth", async () => {
    await zone.update(
      "update add *.demo-one.local.zone 5 A 6.6.6.6",
      "update add *.deep.local.zone 5 TXT wildcard",
    );
    await zone.update("update add *.3.3.10.in-addr.arpa 5 PTR demo-one.local.zone.");
    await until("no addresses", async () => (await records("x.demo-one.local.zone", "A")) === "");
    await until("no texts", async () => (await records("x.deep.local.zone", "TXT")) === "");
    await until("no pointers", async () => (await records("9.3.3.10.in-addr.arpa", "PTR")) === "");
  });
});

describe("the zone refuses", () => {
  test.each([
    ["an address of its own name", "local.zone 5 A 6.6.6.6"],
    ["an address for every name", "*.local.zone 5 A 6.6.6.6"],
    ["a lease for every name", "*.local.zone 5 TXT v=1"],
    ["a pointer for every address", "*.10.in-addr.arpa 5 PTR demo-one.local.zone."],
    ["an IPv6 address beside a lease", "demo-one.local.zone 5 AAAA ::1"],
  ])("%s", async (_, record) => {
    const outcome = zone.update(`update add ${record}`).then(
      () => "accepted",
      () => "refused",
    );
    expect(await outcome).toBe("refused");
    await until("the records", isRight);
    expect(await records("nobody.local.zone", "A")).toBe("");
  });
});

test("records of other names keep their type, their TTL and their text", async () => {
  await zone.update("update add manual.local.zone 3600 A 10.3.3.5");
  await zone.update("update add 5.3.3.10.in-addr.arpa 3600 PTR manual.local.zone.");
  await zone.update("update add demo-one.local.zone 5 TXT foreign");
  await until("the records", isRight);
  expect(await records("manual.local.zone", "A")).toBe("manual.local.zone. 3600 A 10.3.3.5");
  expect(await records("5.3.3.10.in-addr.arpa", "PTR")).toBe(
    "5.3.3.10.in-addr.arpa. 3600 PTR manual.local.zone.",
  );
});
