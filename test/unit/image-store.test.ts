import { expect, test } from "bun:test";
import { parsePing } from "../../src/docker/client/api-version.ts";
import type { Engine } from "../../src/docker/client/engine.ts";
import { imageStoreOf } from "../../src/docker/images/image-store.ts";

interface Answers {
  readonly apiVersion: string;
  readonly driverType?: string;
  readonly headers?: Record<string, string>;
}

/** @returns the store, and what was asked for it */
async function storeOf({ apiVersion, driverType, headers }: Answers) {
  const asked: string[] = [];
  const ping = new Response("OK", { headers: { "Api-Version": apiVersion, ...headers } });
  const DriverStatus = driverType === undefined ? [] : [["driver-type", driverType]];
  const engine = {
    features: () => Promise.resolve(parsePing(ping, "unix:///a")),
    timeout: { milliseconds: 1000, ping: () => Promise.resolve() },
    send: ({ path }: { path: string }) => {
      asked.push(path);
      return Promise.resolve(Response.json({ DriverStatus }));
    },
  } as unknown as Engine;
  const store = await imageStoreOf(engine);
  expect(await imageStoreOf(engine)).toBe(store);
  return { store, asked };
}

test("an Engine since Docker 24 says by its driver whether images are in containerd's store", async () => {
  const driverType = "io.containerd.snapshotter.v1";
  for (const apiVersion of ["1.43", "1.51"]) {
    expect(await storeOf({ apiVersion, driverType })).toEqual({
      store: "containerd",
      asked: ["/info"],
    });
    expect(await storeOf({ apiVersion })).toMatchObject({ store: "classic" });
  }
});

test("an older Engine, and Podman, are not asked for their image store", async () => {
  expect(await storeOf({ apiVersion: "1.41" })).toEqual({ store: "classic", asked: [] });
  const headers = { "Libpod-API-Version": "5.0.0" };
  expect(await storeOf({ apiVersion: "1.43", headers })).toEqual({ store: "podman", asked: [] });
});
