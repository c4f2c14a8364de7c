import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { query, waitForDns } from "../../src/dns/client/query.ts";
import type { UpdateResult } from "../../src/dns/client/send-update.ts";
import { readZone } from "../../src/dns/client/transfer.ts";
import { exchangeUdp } from "../../src/dns/client/transport.ts";
import { updateMessage, type Update } from "../../src/dns/client/update.ts";
import { deregister, register } from "../../src/dns/registry/register.ts";
import { createTsigKey } from "../../src/dns/tsig/key.ts";
import { decodeMessage, encodeMessage } from "../../src/dns/wire/message.ts";
import { type Bind, registrationOf, startBind } from "./support/bind.ts";

const applied: UpdateResult = { applied: true };
const refused = expect.objectContaining({ code: "DNS_REFUSED" });
const unreachable = expect.objectContaining({ code: "DNS_UNREACHABLE" });
let bind: Bind;

beforeAll(async () => {
  bind = await startBind();
}, 300_000);

afterAll(() => bind?.[Symbol.asyncDispose]());

const caught = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
const textUpdate = (name: string, prerequisites: Update["prerequisites"] = []): Update => ({
  zone: "local.zone",
  prerequisites,
  changes: [{ kind: "add", name, ttl: 5, data: { type: "TXT", strings: ["a b", "c"] } }],
});

describe("a zone transfer", () => {
  const many = 600;

  test("of a zone in many messages, each of them signed", async () => {
    const strings = ["x".repeat(250)];
    for (const part of [0, 1, 2])
      await bind.send([
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
    const records = await readZone("local.zone", bind.options);
    expect(records.filter(({ name }) => /^t\d-/.test(name))).toHaveLength(many);
    expect(records.filter(({ data }) => data.type === "SOA")).toHaveLength(1);
  });

  test("with another secret (BADSIG), another key (BADKEY), of another zone (NOTAUTH)", async () => {
    const errors = await Promise.all([
      caught(readZone("local.zone", { server: bind.server, key: createTsigKey() })),
      caught(readZone("local.zone", { server: bind.server, key: { ...bind.key, name: "other" } })),
      caught(readZone("other.zone", { server: bind.server, key: bind.key })),
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
      const records = await readZone("local.zone", { ...bind.options, now });
      expect(records[0]?.data.type).toBe("SOA");
    }
  });
});

describe("prerequisites", () => {
  const missing = { name: "missing.local.zone", type: "A" } as const;

  test("one that fails is told apart, and nothing is changed", async () => {
    const update = textUpdate("prerequisite.local.zone", [{ kind: "exists", ...missing }]);
    expect(await bind.send([update])).toEqual([{ applied: false, rcode: "NXRRSET" }]);
    expect((await bind.ask("prerequisite.local.zone", "TXT")).rcode).toBe("NXDOMAIN");
  });

  test("absent, and then no more; equals, and another text", async () => {
    const name = "claimed.local.zone";
    const claim = textUpdate(name, [{ kind: "absent", name, type: "TXT" }]);
    expect(await bind.send([claim, claim])).toEqual([
      applied,
      { applied: false, rcode: "YXRRSET" },
    ]);
    const seen = (...strings: string[]) =>
      textUpdate(name, [{ kind: "equals", name, data: [{ type: "TXT", strings }] }]);
    expect(await bind.send([seen("a b", "c"), seen("a b")])).toEqual([
      applied,
      { applied: false, rcode: "NXRRSET" },
    ]);
    const [record] = (await bind.ask(name, "TXT")).records;
    expect(record?.data).toEqual({ type: "TXT", strings: ["a b", "c"] });
  });
});

describe("what the DNS refuses", () => {
  test("another secret under the same name (BADSIG)", async () => {
    const error = await caught(bind.send([textUpdate("a.local.zone")], { key: createTsigKey() }));
    expect(error).toEqual(refused);
    const hint = expect.stringContaining("reyns keys export");
    expect(error).toMatchObject({ message: expect.stringMatching(/another secret.*BADSIG/), hint });
  });

  test("a key of another name (BADKEY)", async () => {
    const error = await caught(
      bind.send([textUpdate("a.local.zone")], { key: { ...bind.key, name: "other" } }),
    );
    expect(error).toEqual(refused);
    expect(error).toMatchObject({
      message: expect.stringMatching(/does not know the key "other".*BADKEY/),
    });
  });

  test("no signature", async () => {
    const packet = encodeMessage(updateMessage(textUpdate("unsigned.local.zone"), 7));
    const reply = await exchangeUdp(packet, {
      server: bind.server,
      port: 53,
      timeout: 20_000,
      accept: decodeMessage,
    });
    expect(reply).toMatchObject({ id: 7, response: true, rcode: "REFUSED" });
    expect((await bind.ask("unsigned.local.zone", "TXT")).rcode).toBe("NXDOMAIN");
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
    const error = await caught(bind.send([update]));
    expect(error).toEqual(refused);
    expect(String(error)).toContain(rcode);
  });
});

describe("clocks that differ", () => {
  const hour = 3_600_000;
  test.each([hour, -hour, 400 * 24 * hour, -400 * 24 * hour])("by %d ms", async (difference) => {
    const demo = registrationOf(`clock${difference < 0 ? "-behind" : ""}${Math.abs(difference)}`);
    const now = () => Date.now() + difference;
    await register(demo, { ...bind.options, now });
    expect(await bind.addressesOf(demo.service)).toEqual([demo.address]);
    await deregister(demo, { ...bind.options, now });
    expect(await bind.addressesOf(demo.service)).toEqual([]);
  });
});

describe("the way there", () => {
  test("200 addresses go over TCP, there and back", async () => {
    const all = Array.from({ length: 200 }, (_, index) => `10.88.0.${index}`);
    const changes = all.map(
      (address) => ({ kind: "add", ttl: 5, data: { type: "A", address } }) as const,
    );
    const named = changes.map((change) => ({ ...change, name: "many.local.zone" }));
    expect(await bind.send([{ zone: "local.zone", prerequisites: [], changes: named }])).toEqual([
      applied,
    ]);
    expect(await bind.addressesOf("many")).toEqual(all.toSorted());
  });

  test("50 updates at once", async () => {
    const instances = Array.from({ length: 50 }, (_, index) =>
      registrationOf("crowd", `i${index}`, { policy: "APPEND" }),
    );
    await Promise.all(instances.map((instance) => bind.register(instance)));
    expect(await bind.addressesOf("crowd")).toEqual(
      instances.map(({ address }) => address).toSorted(),
    );
  });

  test("no DNS at the address: said within the timeout", async () => {
    const absent = bind.server.replace(/\d+$/, "250");
    expect(
      await caught(bind.send([textUpdate("a.local.zone")], { server: absent, timeout: 300 })),
    ).toEqual(unreachable);
    expect(await caught(waitForDns("local.zone", { server: absent, timeout: 300 }))).toEqual(
      unreachable,
    );
  });

  test("abort ends it with the signal's reason", async () => {
    const absent = bind.server.replace(/\d+$/, "251");
    const controller = new AbortController();
    const update = caught(
      bind.send([textUpdate("a.local.zone")], { server: absent, signal: controller.signal }),
    );
    controller.abort("enough");
    expect(await update).toBe("enough");
  });

  test("a DNS that is starting is waited for", async () => {
    const late = await bind.startLate();
    expect(await caught(query("local.zone", "SOA", { server: late.server, timeout: 200 }))).toEqual(
      unreachable,
    );
    const waiting = waitForDns("local.zone", { server: late.server, timeout: 120_000 });
    await late.go();
    await waiting;
    await register(registrationOf("early"), { ...bind.options, server: late.server });
    expect((await query("early.local.zone", "A", { server: late.server })).addresses).toHaveLength(
      1,
    );
  });

  test("a zone that it does not serve is never ready, and said so", async () => {
    const error = await caught(waitForDns("other.zone", { server: bind.server, timeout: 200 }));
    expect(error).toEqual(unreachable);
    expect(String(error)).toContain("does not serve other.zone: REFUSED");
  });
});

test("nsupdate takes the key file, and our client and it see the same zone", async () => {
  const script =
    "server 127.0.0.1\nzone local.zone\nupdate add tool.local.zone 5 A 10.99.0.1\nsend\n";
  await bind.exec(["nsupdate", "-k", "/conf/tsig.key"], script);
  expect(await bind.addressesOf("tool")).toEqual(["10.99.0.1"]);
});
