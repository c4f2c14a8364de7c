import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { $ } from "bun";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeMessage, encodeMessage } from "../../src/dns/message.ts";
import { query, waitForDns } from "../../src/dns/query.ts";
import { sendUpdate } from "../../src/dns/send-update.ts";
import type { UpdateOptions, UpdateResult } from "../../src/dns/send-update.ts";
import { exchangeUdp } from "../../src/dns/transport.ts";
import { createTsigKey, formatTsigKey } from "../../src/dns/tsig-key.ts";
import { updateMessage } from "../../src/dns/update-message.ts";
import { deregister, register } from "../../src/dns/zone.ts";
import type { Registration, Update } from "../../src/dns/zone.ts";

const session = `reyns-test-dns-${randomBytes(4).toString("hex")}`;
const label = "io.reyns.test=dns";
const image = "reyns-test/bind";
const key = createTsigKey();
const applied: UpdateResult = { applied: true };
const refused = expect.objectContaining({ code: "DNS_REFUSED" });
const unreachable = expect.objectContaining({ code: "DNS_UNREACHABLE" });
let folder = "";
let server = "";

const dockerfile = `
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends bind9 bind9-dnsutils
LABEL ${label}
`;

const configuration = `
include "/conf/tsig.key";
options {
  directory "/var/cache/bind"; pid-file none; listen-on { any; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; servfail-ttl 0;
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
  const known = await $`docker image inspect ${image}`.quiet().nothrow();
  if (known.exitCode !== 0) {
    const build = $`docker build -q -t ${image} - < ${Buffer.from(dockerfile)}`;
    await build.env({ ...process.env, DOCKER_BUILDKIT: "0" }).quiet();
  }
  await $`docker network create --label ${label} ${session}`.quiet();
  server = await startBind(`${session}-main`);
  await $`docker exec ${session}-main touch /tmp/go`.quiet();
  await waitForDns("local.zone", { server, timeout: 10_000 });
}, 180_000);

afterAll(async () => {
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
  await $`docker run -d ${options} ${image} sh /conf/start`.quiet();
  const address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  return (await $`docker inspect -f ${address} ${name}`.quiet().text()).trim();
}

let addresses = 0;

/** A service of its own for each test, at an address of its own. */
function registrationOf(
  service: string,
  instance = "one",
  more: Partial<Registration> = {},
): Registration {
  addresses += 1;
  const address = `10.77.${addresses >> 8}.${addresses & 255}`;
  return { zone: "local.zone", service, instance, address, policy: "REPLACE", ttl: 5, ...more };
}

async function send(
  updates: readonly Update[],
  options: Partial<UpdateOptions> = {},
): Promise<UpdateResult[]> {
  const results: UpdateResult[] = [];
  for (const update of updates) results.push(await sendUpdate(update, { server, key, ...options }));
  return results;
}

async function addressesOf(name: string): Promise<string[]> {
  return (await query(`${name}.local.zone`, "A", { server })).addresses.toSorted();
}

async function nameOf({ address }: Registration): Promise<string | undefined> {
  const name = `${address.split(".").toReversed().join(".")}.in-addr.arpa`;
  const [record] = (await query(name, "PTR", { server })).records;
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
    expect(await send(register(demo))).toEqual([applied, applied]);
    const answer = await query("Known-One.local.zone", "A", { server });
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

  test("sent again it changes nothing", async () => {
    const demo = registrationOf("again", "one", { policy: "APPEND" });
    await send(register(demo));
    expect(await send(register(demo))).toEqual([applied, applied]);
    expect(await addressesOf("again")).toEqual([demo.address]);
  });

  test("a new address replaces the old one", async () => {
    await send(register(registrationOf("moved")));
    const moved = registrationOf("moved");
    await send(register(moved));
    expect(await addressesOf("moved-one")).toEqual([moved.address]);
    expect(await addressesOf("moved")).toEqual([moved.address]);
  });

  test("REPLACE: the last one is the service, both are hosts", async () => {
    const [one, two] = [registrationOf("replace", "one"), registrationOf("replace", "two")];
    await send([...register(one), ...register(two)]);
    expect(await addressesOf("replace")).toEqual([two.address]);
    expect(await addressesOf("replace-one")).toEqual([one.address]);
  });

  test("APPEND: all are the service", async () => {
    const instances = ["one", "two", "three"].map((name) =>
      registrationOf("append", name, { policy: "APPEND" }),
    );
    await send(instances.flatMap(register));
    expect(await addressesOf("append")).toEqual(instances.map(({ address }) => address).toSorted());
  });

  test("HIDE: no names, and those there were are gone", async () => {
    const shown = registrationOf("hide", "one", { policy: "APPEND" });
    const other = registrationOf("hide", "two", { policy: "APPEND" });
    await send([...register(shown), ...register(other)]);
    expect(await send(register({ ...shown, policy: "HIDE" }))).toEqual([applied, applied]);
    expect(await addressesOf("hide")).toEqual([other.address]);
    expect((await query("hide-one.local.zone", "A", { server })).rcode).toBe("NXDOMAIN");
    expect(await nameOf(shown)).toBeUndefined();
  });

  test("deregister leaves the others of the service alone", async () => {
    const [one, two] = ["one", "two"].map((name) =>
      registrationOf("leave", name, { policy: "APPEND" }),
    );
    await send([...register(one!), ...register(two!)]);
    expect(await send(deregister(one!))).toEqual([applied, applied]);
    expect(await addressesOf("leave")).toEqual([two!.address]);
    expect((await query("leave-one.local.zone", "A", { server })).rcode).toBe("NXDOMAIN");
    expect(await nameOf(one!)).toBeUndefined();
    expect(await nameOf(two!)).toBe("leave-two.local.zone");
  });

  test("deregister too late takes nothing from who has the address, or the name, by now", async () => {
    const first = registrationOf("late", "one");
    const heir = { ...registrationOf("late", "two"), address: first.address };
    const again = registrationOf("late", "one", { policy: "APPEND" });
    await send([...register(first), ...register(heir), ...register(again)]);
    expect(await send(deregister(first))).toEqual([applied, { applied: false, rcode: "NXRRSET" }]);
    expect(await nameOf(first)).toBe("late-two.local.zone");
    expect(await addressesOf("late-one")).toEqual([again.address]);
  });
});

describe("prerequisites", () => {
  const missing = { name: "missing.local.zone", type: "A" } as const;

  test("one that fails is told apart, and nothing is changed", async () => {
    const update = textUpdate("prerequisite.local.zone", [{ kind: "exists", ...missing }]);
    expect(await send([update])).toEqual([{ applied: false, rcode: "NXRRSET" }]);
    expect((await query("prerequisite.local.zone", "TXT", { server })).rcode).toBe("NXDOMAIN");
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
    const [record] = (await query(name, "TXT", { server })).records;
    expect(record?.data).toEqual({ type: "TXT", strings: ["a b", "c"] });
  });
});

describe("what the DNS refuses", () => {
  test("another secret under the same name (BADSIG)", async () => {
    const error = await caught(send([textUpdate("a.local.zone")], { key: createTsigKey() }));
    expect(error).toEqual(refused);
    const hint = expect.stringContaining("take .reyns/keys of the machine");
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
      timeout: 2000,
      accept: decodeMessage,
    });
    expect(reply).toMatchObject({ id: 7, response: true, rcode: "REFUSED" });
    expect((await query("unsigned.local.zone", "TXT", { server })).rcode).toBe("NXDOMAIN");
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
    expect(await send(register(demo), { now })).toEqual([applied, applied]);
    expect(await addressesOf(demo.service)).toEqual([demo.address]);
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
    await Promise.all(instances.map((instance) => send(register(instance))));
    expect(await addressesOf("crowd")).toEqual(instances.map(({ address }) => address).toSorted());
  });

  test("no DNS at the address: said within the timeout", async () => {
    const absent = server.replace(/\d+$/, "250");
    const began = performance.now();
    expect(
      await caught(send([textUpdate("a.local.zone")], { server: absent, timeout: 300 })),
    ).toEqual(unreachable);
    expect(await caught(waitForDns("local.zone", { server: absent, timeout: 300 }))).toEqual(
      unreachable,
    );
    expect(performance.now() - began).toBeLessThan(1500);
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
    const waiting = waitForDns("local.zone", { server: late, timeout: 10_000 });
    await $`docker exec ${session}-late touch /tmp/go`.quiet();
    await waiting;
    expect(await send(register(registrationOf("early")), { server: late })).toEqual([
      applied,
      applied,
    ]);
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
