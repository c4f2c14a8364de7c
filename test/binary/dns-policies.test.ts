import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { query } from "../../src/dns/client/query.ts";
import { must, until } from "../engine/support/images-container.ts";
import { containerIds, execIn } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

/** One service by each policy that its instances are told, all in a zone of another name. */
const definition = (policies: Readonly<Record<string, string>>): string => `
import { dns, link, project, service } from "reyns";
project("shop");
const ns = dns({ zone: "shop.internal", ttl: 3 });
const policies = ${JSON.stringify(policies)};
for (const [instance, policy] of Object.entries(policies))
  service("reyns-base", { instance, links: [link(ns, "dns")], env: { DNS_UPDATE_POLICY: policy } });
`;

interface Listed {
  readonly name: string;
  readonly kind: string;
  readonly addresses: readonly string[];
  readonly policy: string | null;
}

let shop: Project;
let server = "";

beforeAll(async () => {
  shop = await createProject({
    "reyns.ts": definition({ one: "APPEND", two: "APPEND", three: "APPEND", hidden: "HIDE" }),
  });
  await shop.must("run all");
  server = await shop.must("getip reyns-dns main");
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

const addressOf = (instance: string): Promise<string> => shop.must(`getip reyns-base ${instance}`);

/** What a client hears, in the order in which it hears it. */
async function heard(name: string): Promise<readonly string[]> {
  return (await query(`${name}.shop.internal`, "A", { server, timeout: 20_000 })).addresses;
}

async function sorted(name: string): Promise<string[]> {
  return (await heard(name)).toSorted();
}

async function addressesOf(...instances: string[]): Promise<string[]> {
  return (await Promise.all(instances.map(addressOf))).toSorted();
}

async function pointerOf(address: string): Promise<string | undefined> {
  const name = `${address.split(".").toReversed().join(".")}.in-addr.arpa`;
  const [record] = (await query(name, "PTR", { server, timeout: 20_000 })).records;
  return record?.data.type === "PTR" ? record.data.target : undefined;
}

describe("APPEND", () => {
  test("the DNS answers with all instances in turns, with the TTL of the settings", async () => {
    expect(await sorted("reyns-base")).toEqual(await addressesOf("one", "two", "three"));
    const firsts = new Set<string>();
    await until("every address came first once", async () => {
      firsts.add((await heard("reyns-base"))[0] ?? "");
      return firsts.size === 3;
    });
    const { records } = await query("reyns-base.shop.internal", "A", { server, timeout: 20_000 });
    expect(records[0]?.ttl).toBe(3);
  });

  test("names resolve by their short form inside, and addresses lead back", async () => {
    const two = await addressOf("two");
    for (const name of ["reyns-base-two", "reyns-base-two.shop.internal"])
      expect(await execIn(shop.folder, "one", "getent", "ahostsv4", name)).toStartWith(two);
    expect(await pointerOf(two)).toBe("reyns-base-two.shop.internal");
  });
});

test("HIDE: an instance can ask the DNS, which knows nothing of it", async () => {
  const hidden = await addressOf("hidden");
  expect(await heard("reyns-base-hidden")).toEqual([]);
  expect(await pointerOf(hidden)).toBeUndefined();
  const asked = await execIn(shop.folder, "hidden", "getent", "ahostsv4", "reyns-base-one");
  expect(asked).toStartWith(await addressOf("one"));
});

test("an instance is still one of several after a rerun", async () => {
  await shop.must("rerun reyns-base two");
  expect(await sorted("reyns-base")).toEqual(await addressesOf("one", "two", "three"));
});

describe("run applies a change of policy", () => {
  const now = (policies: Readonly<Record<string, string>>): Promise<void> =>
    shop.write({ "reyns.ts": definition(policies) });

  test("from APPEND to REPLACE: the instance is the only one that answers for its service", async () => {
    await now({ one: "REPLACE", two: "APPEND", three: "APPEND", hidden: "HIDE" });
    const plan = await shop.must("plan all");
    expect(plan).toMatch(
      /^~ replace +reyns-base-one .*\n +env DNS_UPDATE_POLICY +"APPEND" -> "REPLACE"\n\nPlan: /,
    );
    await shop.must("run all");
    expect(await sorted("reyns-base")).toEqual(await addressesOf("one"));
    expect(await heard("reyns-base-two")).toEqual(await addressesOf("two"));
  });

  test("when a REPLACE instance stops, the ones before it answer again", async () => {
    await shop.must("stop reyns-base one");
    expect(await sorted("reyns-base")).toEqual(await addressesOf("two", "three"));
    await shop.must("start reyns-base one");
    expect(await sorted("reyns-base")).toEqual(await addressesOf("one"));
  });

  test("from APPEND to HIDE: the DNS forgets an instance, also one that was killed", async () => {
    await now({ one: "REPLACE", two: "HIDE", three: "APPEND", hidden: "HIDE" });
    const [id = "none"] = await containerIds(shop.folder, "two");
    await must("docker", "kill", id);
    await shop.must("run reyns-base two");
    expect(await heard("reyns-base-two")).toEqual([]);
    expect(await pointerOf(await addressOf("two"))).toBeUndefined();
  });

  test("from HIDE to APPEND: the instance joins the others", async () => {
    await now({ one: "REPLACE", two: "APPEND", three: "APPEND", hidden: "HIDE" });
    await shop.must("run reyns-base two");
    expect(await sorted("reyns-base")).toEqual(await addressesOf("one", "two"));
  });
});

test("an address of two instances stays in the DNS as long as one of them runs", async () => {
  const options = "new=true env=SERVICE_IP=10.99.7.1 env=DNS_UPDATE_POLICY=APPEND";
  await shop.must(`run reyns-base four ${options}`);
  await shop.must(`run reyns-base five ${options}`);
  expect(await heard("reyns-base-four")).toEqual(["10.99.7.1"]);
  expect(await heard("reyns-base-five")).toEqual(["10.99.7.1"]);
  await shop.must("clean reyns-base five");
  expect(await heard("reyns-base-five")).toEqual([]);
  expect(await heard("reyns-base")).toContain("10.99.7.1");
  await until(
    "its name is the other's",
    async () => (await pointerOf("10.99.7.1")) === "reyns-base-four.shop.internal",
  );
  await shop.must("clean reyns-base four");
  expect(await heard("reyns-base")).not.toContain("10.99.7.1");
});

test("reyns dns lists all names, and records that were added by hand", async () => {
  const script = `server 127.0.0.1\nzone shop.internal\nupdate add printer.shop.internal 60 A 10.99.0.9\nupdate add note.shop.internal 60 TXT "by hand"\nsend\n`;
  await execIn(
    shop.folder,
    "main",
    "sh",
    "-c",
    `printf '${script}' | nsupdate -k /run/named/tsig.key`,
  );
  const listed = (await shop.json("dns")) as Listed[];
  const names = listed.map(({ name }) => name);
  expect(names).toEqual(names.toSorted());
  expect(Object.fromEntries(listed.map((one) => [one.name, one.kind]))).toMatchObject({
    dns: "record",
    note: "record",
    printer: "record",
    "reyns-base": "service",
    "reyns-base-one": "instance",
    "reyns-dns-main": "instance",
  });
  expect(listed.find(({ name }) => name === "reyns-base-two")).toEqual({
    name: "reyns-base-two",
    kind: "instance",
    addresses: await addressesOf("two"),
    records: [],
    service: "reyns-base",
    instance: "two",
    policy: "APPEND",
    node: expect.any(String) as string,
    generation: expect.any(Number) as number,
    registeredAt: expect.stringMatching(/^20\d\d-/) as string,
  } as never);
  const text = await shop.must("dns");
  expect(text).toMatch(/^NAME +ADDRESSES +SERVICE +INSTANCE +POLICY +AGE +NODE\n/);
  expect(text).toMatch(/\nnote +TXT "by hand"\n/);
  expect(text).toMatch(/\nprinter +10\.99\.0\.9\n/);
});
