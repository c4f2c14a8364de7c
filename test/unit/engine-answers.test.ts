import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectEngine } from "../../src/docker/client/connect.ts";
import { requestUnless } from "../../src/docker/client/request.ts";
import { inspectContainer } from "../../src/docker/containers/containers.ts";
import { followContainers } from "../../src/docker/containers/events.ts";
import { listContainers } from "../../src/docker/containers/list.ts";
import { findImage, listImages } from "../../src/docker/images/images.ts";
import { pullImage } from "../../src/docker/images/transfer-image.ts";
import { listNetworks } from "../../src/docker/networks.ts";
import { engineInfo, engineVersion } from "../../src/docker/system.ts";
import { listVolumes } from "../../src/docker/volumes.ts";
import { ReynsError } from "../../src/errors.ts";

/** An Engine that answers pings, and anything else as the test wants. */
let answer: () => Response;
let version = "1.41";
let folder: string;
let server: { stop(closes: boolean): Promise<void> };
let stranger: ReturnType<typeof Bun.serve>;
const asked: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reyns-engine-"));
  server = Bun.serve({
    unix: join(folder, "sock"),
    fetch: (request) => {
      if (request.url.endsWith("/_ping"))
        return new Response("OK", { headers: { "Api-Version": version } });
      const response = answer();
      response.headers.set("Api-Version", version);
      return response;
    },
  });
  stranger = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) => {
      asked.push(url);
      return Response.json([]);
    },
  });
});
afterAll(async () => {
  await Promise.all([server.stop(true), stranger.stop(true)]);
  await rm(folder, { recursive: true });
});

const connect = () => connectEngine({ DOCKER_HOST: `unix://${folder}/sock` }, {});
type Engine = Awaited<ReturnType<typeof connect>>;

async function failureOf(call: (engine: Engine) => Promise<unknown>): Promise<ReynsError> {
  try {
    await call(await connect());
  } catch (error) {
    if (error instanceof ReynsError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const calls: Readonly<Record<string, (engine: Engine) => Promise<unknown>>> = {
  containers: (engine) => listContainers(engine, []),
  container: (engine) => inspectContainer(engine, "a"),
  images: listImages,
  image: (engine) => findImage(engine, "a:b"),
  networks: listNetworks,
  volumes: listVolumes,
  version: engineVersion,
  info: engineInfo,
};
const json = (text: string) => () =>
  new Response(text, { headers: { "Content-Type": "application/json" } });

test.each([
  ["exited", "exited"],
  ["running", "running"],
  ["stopped", "exited"],
  ["stopping", "running"],
  ["initialized", "created"],
])("a container that an Engine lists as %s is %s", async (said, expected) => {
  answer = () => Response.json([{ Id: "a", Names: ["/a"], State: said, Status: "Exited (7)" }]);
  const containers = await listContainers(await connect(), []);
  expect(containers.map(({ state }) => state)).toEqual([expected]);
});

test("a port of IPv4 comes before that of IPv6, in whatever order an Engine lists them", async () => {
  const portAt = (IP: string, PublicPort: number): object => ({
    ...{ IP, PublicPort },
    ...{ PrivatePort: 80, Type: "tcp" },
  });
  const listed = [portAt("::", 32_769), portAt("0.0.0.0", 32_768)];
  for (const Ports of [listed, listed.toReversed()]) {
    answer = () => Response.json([{ Id: "a", Names: ["/a"], State: "running", Status: "", Ports }]);
    const [container] = await listContainers(await connect(), []);
    expect(container?.ports.map(({ host }) => host)).toEqual([32_768, 32_769]);
  }
});

test("a volume has no age where the Engine tells when it was last written to", async () => {
  const CreatedAt = "2026-01-01T00:00:00Z";
  answer = () => Response.json({ Volumes: [{ Name: "data", CreatedAt }] });
  const dates: unknown[] = [];
  for (version of ["1.42", "1.41"])
    dates.push((await listVolumes(await connect())).map(({ createdAt }) => createdAt));
  expect(dates).toEqual([[CreatedAt], [undefined]]);
});

describe("a malformed answer is no Engine's, and no defect", () => {
  const bodies: [string, () => Response][] = [
    ["JSON that is cut off", json('[{"Id":"a"')],
    ["null", json("null")],
    ["a string", json('"x"')],
    ["a list of null", json("[null]")],
    ["very deep JSON", json("[".repeat(3_000_000))],
    ["no JSON", () => new Response("<html>", { headers: { "Content-Type": "text/html" } })],
  ];
  for (const [what, body] of bodies)
    test.each(Object.keys(calls))(`${what}, for %s`, async (name) => {
      answer = body;
      const { code, message } = await failureOf(calls[name] ?? listImages);
      expect(code).toBe("NO_ENGINE");
      expect(message).toStartWith(`no Docker Engine at unix://${folder}/sock: its answer is `);
    });

  test.each(["containers", "networks", "images"])(
    "a list of empty objects, for %s",
    async (name) => {
      answer = json("[{}]");
      expect((await failureOf(calls[name] ?? listImages)).code).toBe("NO_ENGINE");
    },
  );

  test("a message that is no text is shown as it came", async () => {
    answer = () => Response.json({ message: { a: 1 } }, { status: 500 });
    const { code, message } = await failureOf(listImages);
    expect(code).toBe("ENGINE_REFUSED");
    expect(message).toEndWith('{"message":{"a":1}}');
  });
});

test.each([
  ["no JSON", "\u001B[2J"],
  ["null", "null"],
  ["an action that is no text", '{"Action":7}'],
  ["a time that no calendar has", '{"timeNano":1e30}'],
  ["a label that is no text", '{"Actor":{"Attributes":{"a":{}}}}'],
  ["a line without an end", "x".repeat(5_000_000)],
])("an event that is %s ends the events as an error of the Engine", async (_, line) => {
  answer = () => new Response(`{"Action":"start"}\n${line}\n{"Action":"die"}\n`);
  const actions: string[] = [];
  const follow = (engine: Engine): Promise<void> =>
    followContainers(engine, {
      ...{ labels: [], actions: [], signal: AbortSignal.timeout(20_000), onReady: () => {} },
      onEvent: ({ action }) => void actions.push(action),
    });
  expect((await failureOf(follow)).code).toBe("NO_ENGINE");
  expect(actions).toEqual(["start"]);
});

test("an answer without an end is refused, and does not fill the memory", async () => {
  const chunk = new Uint8Array(1_000_000).fill(0x20);
  let sent = 0;
  answer = () =>
    new Response(
      new ReadableStream({
        pull: (controller) => {
          sent += chunk.length;
          if (sent > 2_000_000_000) controller.close();
          else controller.enqueue(chunk);
        },
      }),
      { headers: { "Content-Type": "application/json" } },
    );
  const { code, message } = await failureOf(listImages);
  expect(code).toBe("NO_ENGINE");
  expect(message).toContain("more than 100 MB");
  expect(sent).toBeLessThan(500_000_000);
});

describe("redirects", () => {
  test.each([301, 302, 303, 307, 308])("%d is refused, and not followed", async (status) => {
    answer = () =>
      new Response(null, { status, headers: { Location: `${stranger.url.href}secret` } });
    for (const call of [
      calls["containers"] ?? listImages,
      (engine: Engine) => pullImage(engine, "a:b", AbortSignal.timeout(5000), () => {}),
    ]) {
      const { code, message } = await failureOf(call);
      expect([code, message, asked]).toEqual(["NO_ENGINE", expect.any(String), []]);
      expect(message).toContain("redirects to another address");
    }
    expect(asked).toEqual([]);
  });

  test("the one of Docker for a name that no image can have is not taken for another address", async () => {
    answer = () =>
      new Response(null, { status: 301, headers: { Location: "/images/http:/a/json" } });
    expect(await findImage(await connect(), "http://a")).toBeUndefined();
  });

  test("304 is an answer: there is nothing to do", async () => {
    answer = () => new Response(null, { status: 304 });
    const start = { method: "POST", path: "/containers/a/start" } as const;
    expect(await requestUnless([304], await connect(), start)).toBeUndefined();
  });
});
