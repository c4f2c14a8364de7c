import { afterEach, describe, expect, test } from "bun:test";
import { waitForDns } from "../../src/dns/client/query.ts";
import { closeServers, answer, serve, ask, unreachable, expectFree } from "./support/dns-server.ts";

const soa = {
  primary: "ns",
  mailbox: "root",
  serial: 1,
  refresh: 1,
  retry: 1,
  expire: 1,
  minimum: 1,
};

afterEach(closeServers);

describe("waitForDns", () => {
  const start = [
    { name: "local.zone", class: "IN", ttl: 5, data: { type: "SOA", ...soa } },
  ] as const;
  const wait = (port: number, timeout = 5000, signal?: AbortSignal) =>
    waitForDns("Local.Zone", { server: "127.0.0.1", port, timeout, signal });

  test("through silence, failures and answers without authority", async () => {
    const fake = await serve((request, count) => {
      if (count < 3) return [];
      if (count < 5)
        return [answer(request, { rcode: "SERVFAIL", answers: [], authoritative: false })];
      if (count < 7) return [answer(request, { answers: start, authoritative: false })];
      if (count < 9) return [answer(request, { answers: [] })];
      return [answer(request, { answers: start })];
    });
    await wait(fake.port);
    expect(fake.clients.length).toBeGreaterThanOrEqual(9);
  });

  test("through refusals, until somebody listens", async () => {
    const { port } = await serve(() => []);
    closeServers();
    const waiting = wait(port);
    // A query of the same port that is refused shows that the first packets of the wait were too.
    await ask(port, 500).catch(() => {});
    await serve((request) => [answer(request, { answers: start })], port);
    await waiting;
  });

  test("says what it heard last when the time is up", async () => {
    const { port } = await serve((request) => [
      answer(request, { rcode: "SERVFAIL", answers: [] }),
    ]);
    const error = await wait(port, 300).catch((thrown: unknown) => thrown);
    expect(error).toEqual(unreachable);
    expect(String(error)).toContain("does not serve Local.Zone: SERVFAIL");
  });

  test("ends with the signal's reason, and its socket is closed", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const fake = await serve(() => (controller.abort(reason), []));
    expect(await wait(fake.port, 5000, controller.signal).catch((error: unknown) => error)).toBe(
      reason,
    );
    await expectFree(fake.clients[0]?.port);
  });
});
