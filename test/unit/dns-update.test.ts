import { afterEach, describe, expect, test } from "bun:test";
import { encodeMessage, type DnsMessage } from "../../src/dns/wire/message.ts";
import { readZone } from "../../src/dns/client/transfer.ts";
import { sendUpdate } from "../../src/dns/client/send-update.ts";
import type { Update } from "../../src/dns/client/update.ts";
import { recordedKey } from "./dns-recorded.ts";
import {
  askedName,
  closeServers,
  answer,
  serve,
  servePair,
  framed,
  unreachable,
} from "./support/dns-server.ts";

const update: Update = {
  zone: "local.zone",
  prerequisites: [],
  changes: [{ kind: "remove-all", name: askedName, type: "A" }],
};

afterEach(closeServers);
const change = (port: number, timeout = 2000) =>
  sendUpdate(update, { server: "127.0.0.1", port, key: recordedKey, timeout });
const refused = expect.objectContaining({ code: "DNS_REFUSED" });

describe("sendUpdate", () => {
  test.each(["NOERROR", "NXRRSET", "YXDOMAIN"] as const)(
    "does not believe %s without a signature",
    async (rcode) => {
      const { port } = await serve((request) => [answer(request, { rcode })]);
      expect(await change(port, 100).catch((error: unknown) => error)).toEqual(unreachable);
    },
  );

  test("nor its own request sent back as an answer", async () => {
    const { port } = await serve((request) => [encodeMessage({ ...request, response: true })]);
    expect(await change(port, 100).catch((error: unknown) => error)).toEqual(unreachable);
  });

  /** A TSIG record that is cut short. */
  const broken = (request: DnsMessage) =>
    answer(request, {
      rcode: "REFUSED",
      additionals: [
        {
          name: recordedKey.name,
          class: "ANY",
          ttl: 0,
          data: { type: "TYPE250", bytes: Buffer.of(0) },
        },
      ],
    });

  test("looks past a signature that cannot be read", async () => {
    const refusal = (request: DnsMessage) => answer(request, { rcode: "REFUSED" });
    const { port } = await serve((request) => [broken(request), refusal(request)]);
    expect(await change(port).catch((error: unknown) => error)).toEqual(refused);
  });

  test("does not take it for an answer over TCP", async () => {
    const { port } = await servePair(
      () => [],
      (request) => framed(broken(request)),
    );
    expect(await change(port, 300).catch((error: unknown) => error)).toEqual(unreachable);
  });

  test("sends what is larger than 1232 bytes over TCP at once", async () => {
    const fake = await servePair(
      (request) => [answer(request, { rcode: "SERVFAIL" })],
      (request) => framed(answer(request, { rcode: "REFUSED" })),
    );
    const changes = Array.from({ length: 50 }, () => update.changes).flat();
    const options = { server: "127.0.0.1", port: fake.port, key: recordedKey };
    expect(await sendUpdate({ ...update, changes }, options).catch(String)).toContain("REFUSED");
    expect(fake.clients).toHaveLength(0);
  });

  test.each(["REFUSED", "FORMERR", "SERVFAIL", "NOTIMP", "RCODE14"] as const)(
    "reports %s",
    async (rcode) => {
      const { port } = await serve((request) => [answer(request, { rcode, questions: [] })]);
      const error = await change(port).catch((thrown: unknown) => thrown);
      expect(error).toEqual(refused);
      expect(String(error)).toContain(rcode);
    },
  );
});

test("a zone that comes as noise has not come", async () => {
  const { port } = await servePair(
    () => [],
    () => framed(Buffer.alloc(70, 0xc0)),
  );
  const options = { server: "127.0.0.1", port, key: recordedKey, timeout: 300 };
  expect(await readZone("local.zone", options).catch((error: unknown) => error)).toEqual(
    unreachable,
  );
});
