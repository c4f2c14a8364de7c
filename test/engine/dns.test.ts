import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { $ } from "bun";
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeMessage, encodeMessage } from "../../src/dns/wire/message.ts";
import { query, waitForDns } from "../../src/dns/client/query.ts";
import { sendUpdate } from "../../src/dns/client/send-update.ts";
import type { UpdateOptions, UpdateResult } from "../../src/dns/client/send-update.ts";
import { exchangeUdp } from "../../src/dns/client/transport.ts";
import { createTsigKey, formatTsigKey } from "../../src/dns/tsig/key.ts";
import type { InstanceRegistration } from "../../src/dns/registry/entry.ts";
import { findLeases } from "../../src/dns/registry/lease.ts";
import { deregister, register, registerIfMissing } from "../../src/dns/registry/register.ts";
import { readZone } from "../../src/dns/client/transfer.ts";
import { updateMessage } from "../../src/dns/client/update.ts";
import type { Update } from "../../src/dns/client/update.ts";
import { imageName, provideBaseImages } from "./support/base-images.ts";

const session = `reyns-test-dns-${randomBytes(4).toString("hex")}`;
const label = "io.reyns.test=dns";
const image = imageName("dns");
const key = createTsigKey();
const applied: UpdateResult = { applied: true };
const refused = expect.objectContaining({ code: "DNS_REFUSED" });
const unreachable = expect.objectContaining({ code: "DNS_UNREACHABLE" });
const proxies: Socket[] = [];
let folder = "";
let server = "";

const configuration = `
include "/conf/tsig.key";
options {
  directory "/var/cache/bind"; pid-file none; listen-on { any; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; servfail-ttl 0; allow-transfer { key reyns; };
};
controls { };
zone "local.zone" {
  type primary; file "/var/cache/bind/local.zone"; max-records-per-type 2000;
  update-policy { grant reyns zonesub A TXT; };
};
zone "10.in-addr.arpa" {
  type primary; file "/var/cache/bind/10.in-addr.arpa"; update-policy { grant reyns zonesub PTR; };
};
`;

const emptyZone = "$TTL 5\n@ SOA localhost. root.localhost. 1 3600 600 86400 2\n@ NS localhost.\n";

/** named starts once /tmp/go exists. */
const start = `
cp /conf/empty.zone /var/cache/bind/local.zone
cp /conf/empty.zone /var/cache/bind/10.in-addr.arpa
until [ -e /tmp/go ]; do sleep 0.02; done
exec named -g -c /conf/named.conf
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), `${session}-`));
  const files = {
    "tsig.key": formatTsigKey(key),
    "named.conf": configuration,
    "empty.zone": emptyZone,
  };
  await Promise.all(
    Object.entries({ ...files, start }).map(([name, text]) => Bun.write(join(folder, name), text)),
  );
  await provideBaseImages();
  await $`docker network create --label ${label} ${session}`.quiet();
  server = await startBind(`${session}-main`);
  await $`docker exec ${session}-main touch /tmp/go`.quiet();
  await waitForDns("local.zone", { server, timeout: 120_000 });
}, 300_000);

afterAll(async () => {
  for (const proxy of proxies) proxy.close();
  await $`docker rm -f ${session}-main ${session}-late`.quiet().nothrow();
  await $`docker network rm ${session}`.quiet().nothrow();
  await rm(folder, { recursive: true, force: true });
});

async function startBind(name: string): Promise<string> {
  const options = [
    "--name",
    name,
    "--label",
    label,
    "--network",
    session,
    "-v",
    `${folder}:/conf:ro`,
  ];
  // Only its BIND, with a configuration of this test.
  await $`docker run -d ${options} --entrypoint sh ${image} /conf/start`.quiet();
  const address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  return (await $`docker inspect -f ${address} ${name}`.quiet().text()).trim();
}

let addresses = 0;

/** A service of its own for each test, at an address of its own. */
function registrationOf(
  service: string,
  instance = "one",
  more: Partial<InstanceRegistration> = {},
): InstanceRegistration {
  addresses += 1;
  const address = `10.77.${addresses >> 8}.${addresses & 255}`;
  const standard = { zone: "local.zone", policy: "REPLACE", ttl: 5, node: "alpha" } as const;
  return { ...standard, service, instance, address, ...more };
}

// Forty at once on a busy machine wait for each other.
const patient = { timeout: 60_000 };
const told = (...registrations: InstanceRegistration[]): Promise<void> =>
  inTurn(registrations, (one) => register(one, { server, key, ...patient }));
const gone = (...registrations: InstanceRegistration[]): Promise<void> =>
  inTurn(registrations, (one) => deregister(one, { server, key, ...patient }));

async function inTurn<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
): Promise<void> {
  for (const item of items) await act(item);
}

async function send(
  updates: readonly Update[],
  options: Partial<UpdateOptions> = {},
): Promise<UpdateResult[]> {
  const results: UpdateResult[] = [];
  for (const update of updates)
    results.push(await sendUpdate(update, { server, key, ...patient, ...options }));
  return results;
}

async function addressesOf(name: string): Promise<string[]> {
  return (await query(`${name}.local.zone`, "A", { server, timeout: 20_000 })).addresses.toSorted();
}

async function nameOf({ address }: InstanceRegistration): Promise<string | undefined> {
  const name = `${address.split(".").toReversed().join(".")}.in-addr.arpa`;
  const [record] = (await query(name, "PTR", { server, timeout: 20_000 })).records;
  return record?.data.type === "PTR" ? record.data.target : undefined;
}

const caught = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
const textUpdate = (name: string, prerequisites: Update["prerequisites"] = []): Update => ({
  zone: "local.zone",
  prerequisites,
  changes: [{ kind: "add", name, ttl: 5, data: { type: "TXT", strings: ["a b", "c"] } }],
});

describe("registration", () => {
  test("an instance is known by its host name, its service and its address", async () => {
    const demo = registrationOf("known");
    await told(demo);
    const answer = await query("Known-One.local.zone", "A", { server, timeout: 20_000 });
    expect(answer).toMatchObject({
      rcode: "NOERROR",
      authoritative: true,
      addresses: [demo.address],
    });
    expect(answer.records[0]?.ttl).toBe(5);
    expect(await addressesOf("known")).toEqual([demo.address]);
    expect(await nameOf(demo)).toBe("known-one.local.zone");
    const digged =
      await $`docker exec ${session}-main dig +short @127.0.0.1 known-one.local.zone`.text();
    expect(digged.trim()).toBe(demo.address);
  });

  test("it has a lease, and the service a generation, as dig shows them", async () => {
    const now = Math.floor(Date.now() / 1000);
    const demo = registrationOf("leased");
    await told(demo);
    const dig = async (name: string) =>
      (
        await $`docker exec ${session}-main dig +short @127.0.0.1 TXT ${name}.local.zone`.text()
      ).trim();
    const fields = [`service=leased`, `instance=one`, `address=${demo.address}`, `policy=REPLACE`];
    const text = await dig("leased-one._lease");
    expect(text).toMatch(/^"v=1" "id=[0-9a-f]{16}" "seq=1" /);
    expect(text).toContain(fields.map((field) => `"${field}"`).join(" "));
    const generation = Number((await dig("leased._generation")).replaceAll('"', ""));
    expect(generation).toBeGreaterThanOrEqual(now);
    expect(text).toContain(`"generation=${generation}" "node=alpha" "since=`);
  });

  test("a new address replaces the old one", async () => {
    await told(registrationOf("moved"));
    const moved = registrationOf("moved");
    await told(moved);
    expect(await addressesOf("moved-one")).toEqual([moved.address]);
    expect(await addressesOf("moved")).toEqual([moved.address]);
  });

  test("REPLACE: the last one is the service, both are hosts; without it the first one again", async () => {
    const [one, two] = [registrationOf("replace", "one"), registrationOf("replace", "two")];
    await told(one, two);
    expect(await addressesOf("replace")).toEqual([two.address]);
    expect(await addressesOf("replace-one")).toEqual([one.address]);
    await gone(two);
    expect(await addressesOf("replace")).toEqual([one.address]);
  });

  test("APPEND: all are the service, also after one that replaced", async () => {
    const first = registrationOf("append", "zero");
    const more = ["one", "two", "three"].map((name) =>
      registrationOf("append", name, { policy: "APPEND" }),
    );
    await told(first, ...more);
    const all = [first, ...more].map(({ address }) => address);
    expect(await addressesOf("append")).toEqual(all.toSorted());
  });

  test("HIDE: no names, and those there were are gone, whatever their address was", async () => {
    const shown = registrationOf("hide", "one", { policy: "APPEND" });
    const other = registrationOf("hide", "two", { policy: "APPEND" });
    await told(shown, other);
    await told({ ...shown, address: "10.77.200.1", policy: "HIDE" });
    expect(await addressesOf("hide")).toEqual([other.address]);
    expect((await query("hide-one.local.zone", "A", { server, timeout: 20_000 })).rcode).toBe(
      "NXDOMAIN",
    );
    expect(await nameOf(shown)).toBeUndefined();
  });

  test("deregister leaves nothing of the last one, and the others of a service alone", async () => {
    const [one, two] = [
      registrationOf("leave", "one", { policy: "APPEND" }),
      registrationOf("leave", "two", { policy: "APPEND" }),
    ];
    await told(one, two);
    await gone(one);
    expect(await addressesOf("leave")).toEqual([two.address]);
    expect((await query("leave-one.local.zone", "A", { server, timeout: 20_000 })).rcode).toBe(
      "NXDOMAIN",
    );
    expect([await nameOf(one), await nameOf(two)]).toEqual([undefined, "leave-two.local.zone"]);
    await gone(two, two);
    const names = (await readZone("local.zone", { server, key, ...patient })).map(
      ({ name }) => name,
    );
    expect(names.filter((name) => name.startsWith("leave"))).toEqual([]);
  });

  test("deregister too late takes nothing from who has the address, or the name, by now", async () => {
    const first = registrationOf("late", "one");
    const heir = { ...registrationOf("late", "two"), address: first.address };
    const again = registrationOf("late", "one", { policy: "APPEND" });
    await told(first, heir, again);
    await gone(first);
    expect(await nameOf(first)).toBe("late-two.local.zone");
    expect(await addressesOf("late-one")).toEqual([again.address]);
    expect(await addressesOf("late")).toEqual([first.address, again.address].toSorted());
  });

  test("two instances at one address: the first to go leaves it, and its name, to the other", async () => {
    const one = registrationOf("shared", "one", { policy: "APPEND" });
    const two = { ...one, instance: "two" };
    await told(one, two);
    await gone(two);
    expect(await addressesOf("shared")).toEqual([one.address]);
    expect(await nameOf(one)).toBe("shared-one.local.zone");
  });

  test("again if it is missing: who stands there with the same address keeps its lease and its place", async () => {
    const [one, two] = [registrationOf("again", "one"), registrationOf("again", "two")];
    await told(one, two);
    expect(await registerIfMissing(one, { server, key, ...patient })).toBeFalse();
    expect(await addressesOf("again")).toEqual([two.address]);
    await gone(one);
    // By several at the same time, one of them does it: what joins has no generation to quarrel over.
    const joining = { ...one, policy: "APPEND" } as const;
    const done = await Promise.all(
      [1, 2, 3].map(() => registerIfMissing(joining, { server, key, ...patient })),
    );
    expect(done.filter(Boolean)).toHaveLength(1);
    expect(await addressesOf("again")).toEqual([one.address, two.address].toSorted());
    const moved = { ...one, address: "10.77.201.1" };
    expect(await registerIfMissing(moved, { server, key, ...patient })).toBeTrue();
    expect(await addressesOf("again-one")).toEqual(["10.77.201.1"]);
  });

  test("20 that replace and 20 that join at once: all are hosts, one generation won", async () => {
    const policies = ["REPLACE", "APPEND"] as const;
    const all = Array.from({ length: 40 }, (_, index) =>
      registrationOf("rush", `i${index}`, { policy: policies[index % 2] ?? "APPEND" }),
    );
    await Promise.all(all.map((one) => told(one)));
    const leases = findLeases(
      await readZone("local.zone", { server, key, ...patient }),
      "local.zone",
    ).filter(({ service }) => service === "rush");
    expect(leases).toHaveLength(40);
    const highest = Math.max(...leases.map(({ generation }) => generation));
    const newest = leases.filter(({ generation }) => generation === highest);
    expect(await addressesOf("rush")).toEqual(newest.map(({ address }) => address).toSorted());
    await Promise.all(all.map((one) => gone(one)));
    expect(await addressesOf("rush")).toEqual([]);
  }, 300_000);
});

test("registering takes one question and two updates", async () => {
  const packets = new Set<string>();
  const port = await countingProxy(packets);
  for (let index = 0; index < 20; index += 1)
    await register(registrationOf("counted", `i${index}`), {
      server: "127.0.0.1",
      port,
      key,
      ...patient,
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
    back.send(question, 53, server);
  });
  front.bind(0, "127.0.0.1");
  await once(front, "listening");
  return front.address().port;
}

describe("a zone transfer", () => {
  const many = 600;

  test("of a zone in many messages, each of them signed", async () => {
    const strings = ["x".repeat(250)];
    for (const part of [0, 1, 2])
      await send([
        {
          zone: "local.zone",
          prerequisites: [],
          changes: Array.from({ length: many / 3 }, (_, index) => ({
            kind: "add" as const,
            name: `t${part}-${index}.local.zone`,
            ttl: 5,
            data: { type: "TXT" as const, strings },
          })),
        },
      ]);
    const records = await readZone("local.zone", { server, key, ...patient });
    expect(records.filter(({ name }) => /^t\d-/.test(name))).toHaveLength(many);
    expect(records.filter(({ data }) => data.type === "SOA")).toHaveLength(1);
  });

  test("with another secret (BADSIG), another key (BADKEY), of another zone (NOTAUTH)", async () => {
    const errors = await Promise.all([
      caught(readZone("local.zone", { server, key: createTsigKey() })),
      caught(readZone("local.zone", { server, key: { ...key, name: "other" } })),
      caught(readZone("other.zone", { server, key })),
    ]);
    expect(errors.map(String)).toEqual([
      expect.stringContaining("BADSIG"),
      expect.stringContaining("BADKEY"),
      expect.stringContaining("NOTAUTH"),
    ]);
    expect(errors).toEqual([refused, refused, refused]);
  });

  test("by a clock that is 400 days off", async () => {
    for (const days of [400, -400]) {
      const now = () => Date.now() + days * 86_400_000;
      const records = await readZone("local.zone", { server, key, now, ...patient });
      expect(records[0]?.data.type).toBe("SOA");
    }
  });
});

describe("prerequisites", () => {
  const missing = { name: "missing.local.zone", type: "A" } as const;

  test("one that fails is told apart, and nothing is changed", async () => {
    const update = textUpdate("prerequisite.local.zone", [{ kind: "exists", ...missing }]);
    expect(await send([update])).toEqual([{ applied: false, rcode: "NXRRSET" }]);
    expect((await query("prerequisite.local.zone", "TXT", { server, timeout: 20_000 })).rcode).toBe(
      "NXDOMAIN",
    );
  });

  test("absent, and then no more; equals, and another text", async () => {
    const name = "claimed.local.zone";
    const claim = textUpdate(name, [{ kind: "absent", name, type: "TXT" }]);
    expect(await send([claim, claim])).toEqual([applied, { applied: false, rcode: "YXRRSET" }]);
    const seen = (...strings: string[]) =>
      textUpdate(name, [{ kind: "equals", name, data: [{ type: "TXT", strings }] }]);
    expect(await send([seen("a b", "c"), seen("a b")])).toEqual([
      applied,
      { applied: false, rcode: "NXRRSET" },
    ]);
    const [record] = (await query(name, "TXT", { server, timeout: 20_000 })).records;
    expect(record?.data).toEqual({ type: "TXT", strings: ["a b", "c"] });
  });
});

describe("what the DNS refuses", () => {
  test("another secret under the same name (BADSIG)", async () => {
    const error = await caught(send([textUpdate("a.local.zone")], { key: createTsigKey() }));
    expect(error).toEqual(refused);
    const hint = expect.stringContaining("reyns keys export");
    expect(error).toMatchObject({ message: expect.stringMatching(/another secret.*BADSIG/), hint });
  });

  test("a key of another name (BADKEY)", async () => {
    const error = await caught(
      send([textUpdate("a.local.zone")], { key: { ...key, name: "other" } }),
    );
    expect(error).toEqual(refused);
    expect(error).toMatchObject({
      message: expect.stringMatching(/does not know the key "other".*BADKEY/),
    });
  });

  test("no signature", async () => {
    const packet = encodeMessage(updateMessage(textUpdate("unsigned.local.zone"), 7));
    const reply = await exchangeUdp(packet, {
      server,
      port: 53,
      timeout: 20_000,
      accept: decodeMessage,
    });
    expect(reply).toMatchObject({ id: 7, response: true, rcode: "REFUSED" });
    expect((await query("unsigned.local.zone", "TXT", { server, timeout: 20_000 })).rcode).toBe(
      "NXDOMAIN",
    );
  });

  const pointer = {
    kind: "add",
    name: "a.local.zone",
    ttl: 5,
    data: { type: "PTR", target: "b" },
  } as const;
  const updates: [string, Update][] = [
    ["REFUSED", { zone: "local.zone", prerequisites: [], changes: [pointer] }],
    ["NOTAUTH", { ...textUpdate("a.other.zone"), zone: "other.zone" }],
    ["NOTZONE", textUpdate("a.other.zone")],
  ];
  test.each(updates)("%s", async (rcode, update) => {
    const error = await caught(send([update]));
    expect(error).toEqual(refused);
    expect(String(error)).toContain(rcode);
  });
});

describe("clocks that differ", () => {
  const hour = 3_600_000;
  test.each([hour, -hour, 400 * 24 * hour, -400 * 24 * hour])("by %d ms", async (difference) => {
    const demo = registrationOf(`clock${difference < 0 ? "-behind" : ""}${Math.abs(difference)}`);
    const now = () => Date.now() + difference;
    await register(demo, { server, key, now, ...patient });
    expect(await addressesOf(demo.service)).toEqual([demo.address]);
    await deregister(demo, { server, key, now, ...patient });
    expect(await addressesOf(demo.service)).toEqual([]);
  });
});

describe("the way there", () => {
  test("200 addresses go over TCP, there and back", async () => {
    const all = Array.from({ length: 200 }, (_, index) => `10.88.0.${index}`);
    const changes = all.map(
      (address) => ({ kind: "add", ttl: 5, data: { type: "A", address } }) as const,
    );
    const named = changes.map((change) => ({ ...change, name: "many.local.zone" }));
    expect(await send([{ zone: "local.zone", prerequisites: [], changes: named }])).toEqual([
      applied,
    ]);
    expect(await addressesOf("many")).toEqual(all.toSorted());
  });

  test("50 updates at once", async () => {
    const instances = Array.from({ length: 50 }, (_, index) =>
      registrationOf("crowd", `i${index}`, { policy: "APPEND" }),
    );
    await Promise.all(instances.map((instance) => told(instance)));
    expect(await addressesOf("crowd")).toEqual(instances.map(({ address }) => address).toSorted());
  });

  test("no DNS at the address: said within the timeout", async () => {
    const absent = server.replace(/\d+$/, "250");
    expect(
      await caught(send([textUpdate("a.local.zone")], { server: absent, timeout: 300 })),
    ).toEqual(unreachable);
    expect(await caught(waitForDns("local.zone", { server: absent, timeout: 300 }))).toEqual(
      unreachable,
    );
  });

  test("abort ends it with the signal's reason", async () => {
    const absent = server.replace(/\d+$/, "251");
    const controller = new AbortController();
    const update = caught(
      send([textUpdate("a.local.zone")], { server: absent, signal: controller.signal }),
    );
    controller.abort("enough");
    expect(await update).toBe("enough");
  });

  test("a DNS that is starting is waited for", async () => {
    const late = await startBind(`${session}-late`);
    expect(await caught(query("local.zone", "SOA", { server: late, timeout: 200 }))).toEqual(
      unreachable,
    );
    const waiting = waitForDns("local.zone", { server: late, timeout: 120_000 });
    await $`docker exec ${session}-late touch /tmp/go`.quiet();
    await waiting;
    await register(registrationOf("early"), { server: late, key, ...patient });
    expect((await query("early.local.zone", "A", { server: late })).addresses).toHaveLength(1);
  });

  test("a zone that it does not serve is never ready, and said so", async () => {
    const error = await caught(waitForDns("other.zone", { server, timeout: 200 }));
    expect(error).toEqual(unreachable);
    expect(String(error)).toContain("does not serve other.zone: REFUSED");
  });
});

test("nsupdate takes the key file, and our client and it see the same zone", async () => {
  const script =
    "server 127.0.0.1\nzone local.zone\nupdate add tool.local.zone 5 A 10.99.0.1\nsend\n";
  await $`docker exec -i ${session}-main nsupdate -k /conf/tsig.key < ${Buffer.from(script)}`.quiet();
  expect(await addressesOf("tool")).toEqual(["10.99.0.1"]);
});
