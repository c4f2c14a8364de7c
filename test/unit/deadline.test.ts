// The Engine is a server with one container; the clock is the test's.
import { expect, jest, setDefaultTimeout, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ready } from "../../src/model/readiness.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import { waitForDeadline } from "../../src/runtime/instances/deadline.ts";
import { greetingTo } from "./support/greeting.ts";

// It asks hundreds of times, also on a busy machine.
setDefaultTimeout(60_000);

const ports: Ready = { kind: "ports", address: "", ports: [] };
const startPeriod = { Test: ["CMD", "pg_isready"], StartPeriod: 90e9 };
const patient = { Test: ["CMD", "pg_isready"], Interval: 5e9, Timeout: 5e9, Retries: 30 };

const containerWith = (check: object, health?: string): object => ({
  Name: "/shop-4f2c91-db-main",
  State: { Running: true, ...(health && { Health: { Status: health, Log: [] } }) },
  Config: { Healthcheck: check },
  Mounts: [],
  HostConfig: {},
});

/** Seconds that pass until the deadline; undefined if a quarter of an hour is not enough. */
async function secondsUntil(
  timeout: number | undefined,
  ready = ports,
  container = containerWith(startPeriod),
): Promise<number | undefined> {
  const socket = join(tmpdir(), `reyns-deadline-${process.pid}.sock`);
  const server = Bun.serve({
    unix: socket,
    fetch: (request) =>
      greetingTo(request) ?? Response.json(container, { headers: { "Api-Version": "1.41" } }),
  });
  const over = new AbortController();
  const engine = await openEngine({ DOCKER_HOST: `unix://${socket}` });
  jest.useFakeTimers();
  try {
    let passed: number | undefined;
    const context = { engine, id: "65b75a883bdc", signal: over.signal };
    waitForDeadline({ ready, timeout }, context).then(
      (seconds) => (passed = seconds),
      () => {},
    );
    for (let seconds = 0; seconds < 900; seconds += 1) {
      jest.advanceTimersByTime(1000);
      // The Engine answers in real time: what was asked before has its answer then.
      await fetch("http://engine/_ping", { unix: socket });
      if (passed !== undefined) return passed;
    }
    return undefined;
  } finally {
    over.abort();
    jest.useRealTimers();
    await server.stop(true);
  }
}

test("the start period of a health check comes on top of the default", async () => {
  expect(await secondsUntil(undefined)).toBe(150);
});

test("a health check without a result yet has the time for all of its retries", async () => {
  expect(await secondsUntil(undefined, ports, containerWith(patient, "starting"))).toBe(310);
});

test.each([
  ["has failed as often as its retries allow", ports, "unhealthy"],
  [
    "is not what the instance waits for",
    { kind: "check", check: { kind: "tcp", port: 80 }, address: "" } as const,
    "starting",
  ],
])("a health check that %s gets no more time than the default", async (_, ready, health) => {
  expect(await secondsUntil(undefined, ready, containerWith(patient, health))).toBe(60);
});

test("a limit that was given is the limit", async () => {
  expect(await secondsUntil(5)).toBe(5);
});

test("a job has no limit unless it is given one", async () => {
  expect(await secondsUntil(undefined, { kind: "completed" })).toBeUndefined();
  expect(await secondsUntil(600, { kind: "completed" })).toBe(600);
});
