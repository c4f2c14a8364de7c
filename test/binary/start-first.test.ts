// Replacing a routed instance: the new container starts beside the old one, and no request is lost.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { provideBaseImages } from "../engine/support/base-images.ts";
import { until } from "../engine/support/images-container.ts";
import { inspectAll } from "./support/engine.ts";
import type { Project } from "./support/project.ts";
import { ask, createRouted, keepAsking, openSocket } from "./support/routed.ts";

setDefaultTimeout(240_000);
beforeAll(provideBaseImages);

async function* upload(pieces: number, pauseMs: number): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < pieces; piece += 1) {
    yield new Uint8Array(1000);
    await Bun.sleep(pauseMs);
  }
}

test("five replacements and one that fails lose no request, WebSocket or upload", async () => {
  await using shop = await createRouted("start-first-load");
  await shop.must("run all");
  const { port } = shop;
  await using load = keepAsking(port);
  const sockets = await Promise.all(Array.from({ length: 5 }, () => openSocket(port)));
  const uploaded = ask(port, "/upload", { body: upload(60, 100) });

  await shop.define(2, 'drain: "1m"');
  const first = shop.reyns("run all");
  await until("the new version to serve", async () => (await ask(port, "/")).body === "2");
  // The old one is still there for what it has begun.
  const echoes = await Promise.all(sockets.map((socket) => socket.echo("here")));
  expect(echoes).toEqual(sockets.map(() => "1 here"));
  expect(await uploaded).toMatchObject({ status: 200, body: "60000" });
  expect(sockets.every((socket) => socket.isOpen())).toBe(true);
  for (const socket of sockets) socket.close();
  expect((await first).status).toBe(0);

  for (const version of [3, 4, 5, 6]) {
    await shop.define(version);
    await shop.must("run all");
    expect(await ask(port, "/")).toMatchObject({ status: 200, body: String(version) });
  }
  await shop.define(7, 'command: ["sh", "-c", "echo no such luck; sleep 600"], timeout: 2');
  const failed = await shop.reyns("run all");
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain("no such luck");
  expect(failed.stderr).toContain("the former version of web-one kept serving; fix");
  expect(await ask(port, "/")).toMatchObject({ status: 200, body: "6" });

  expect(load.answers.length).toBeGreaterThan(50);
  expect(load.failures()).toEqual([]);
  expect([...(await inspectAll(shop.folder)).keys()].toSorted()).toEqual([
    "reyns-router-main",
    "web-one",
  ]);
});

test("what has not ended after the time to drain is cut off, with a warning", async () => {
  await using shop = await createRouted("start-first-drain");
  await shop.must("run all");
  const socket = await openSocket(shop.port);
  await shop.define(2, 'drain: "1s"');
  const { status, stderr } = await shop.reyns("run all");
  expect(status).toBe(0);
  expect(stderr).toContain("web-one: stopped with 1 request still open after 1 s");
  await socket.closed;
});

test("several instances are replaced one after the other, and rollback loses no request either", async () => {
  await using shop = await createRouted("start-first-rollback", ["one", "two"]);
  await shop.must("run all");
  await shop.define(2);
  expect(await shop.must("plan")).toContain("~ replace (start first)  web-one  changed\n");
  await using load = keepAsking(shop.port);
  await shop.must("run all");
  expect(await versions(shop)).toEqual({ one: 2, two: 2 });
  await shop.must("rollback web");
  expect(await versions(shop)).toEqual({ one: 3, two: 3 });
  expect(await ask(shop.port, "/")).toMatchObject({ status: 200, body: "1" });
  expect(load.failures()).toEqual([]);
  const served = load.answers.map(({ body }) => body);
  expect(new Set(served)).toEqual(new Set(["1", "2"]));
  expect(await shop.must("ps web")).toMatch(/ VERSION .*\n.* 3 .*\n.* 3 /);
  const info = (await shop.json("info web one")) as { versions: { serves: boolean }[] };
  expect(info.versions.map(({ serves }) => serves)).toEqual([true, false, false]);
});

/** Instance -> the version that `ps` says it serves. */
async function versions(shop: Project): Promise<Record<string, number>> {
  const rows = (await shop.json("ps web")) as { instance: string; version: number }[];
  return Object.fromEntries(rows.map(({ instance, version }) => [instance, version]));
}
