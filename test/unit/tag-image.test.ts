import { expect, test } from "bun:test";
import type { Engine } from "../../src/docker/client/engine.ts";
import { tagImageIfExists } from "../../src/docker/images/images.ts";

function engineThat(status: number): Engine {
  return {
    features: () => Promise.resolve({}),
    timeout: { milliseconds: 1000, ping: () => Promise.resolve() },
    send: () => Promise.resolve(new Response('{"message":"No such image"}', { status })),
  } as unknown as Engine;
}

test("an image that has gone gets no name, and is no error", async () => {
  expect(await tagImageIfExists(engineThat(201), "sha256:1a2b", "shop/web:v1")).toBe(true);
  expect(await tagImageIfExists(engineThat(404), "sha256:1a2b", "shop/web:v1")).toBe(false);
  const refused = tagImageIfExists(engineThat(500), "sha256:1a2b", "shop/web:v1");
  await expect(refused).rejects.toThrow("refused");
});
