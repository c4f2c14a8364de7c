import { expect, test } from "bun:test";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type Docker from "dockerode";
import type { Engine } from "../../src/docker/client/engine.ts";
import { createDnsRouter } from "../../src/runtime/dns/route.ts";
import { labels } from "../../src/model/labels.ts";

/** An Engine elsewhere, with these containers of the project; `dialled` gets the ids of those that are gone through. */
function engineWith(running: Set<string>, dialled: string[]): Engine {
  const listed = (): object[] =>
    [...running].map((Id) => ({
      Id,
      Names: [`/${Id}`],
      State: "running",
      Labels: { [labels.base]: "true" },
      NetworkSettings: { Networks: { shop: { IPAddress: "10.0.0.9" } } },
    }));
  const container = (id: string): object => ({
    exec: () => {
      if (!running.has(id))
        return Promise.reject(Object.assign(new Error("is not running"), { statusCode: 409 }));
      dialled.push(id);
      return Promise.resolve({ start: () => Promise.resolve(new PassThrough()) });
    },
  });
  return {
    client: () => Promise.resolve({ getContainer: container } as unknown as Docker),
    send: ({ path }) =>
      Promise.resolve(Response.json(path.startsWith("/networks") ? networks : listed())),
    attach: () => Promise.reject(new Error("nobody attaches")),
    download: () => {
      throw new Error("nobody downloads");
    },
    features: () => Promise.reject(new Error("nobody asks")),
    endpoint: "tcp://far",
    local: false,
    forward: undefined,
    sharedEnvironment: () => Promise.resolve({}),
    timeout: { milliseconds: 1000, probe: () => Promise.resolve() },
    env: {},
  };
}

/** The project's network, as each Engine has one, and one of IPv6. */
const networks = ["172.30.0.0/24", "fd00:9::/64"].map((Subnet, index) => ({
  Id: `${index}`,
  Name: `shop${index}`,
  Labels: { [labels.folder]: "/shop" },
  IPAM: { Config: [{ Subnet }] },
  Scope: "local",
}));

/** Answers every question at a socket, as a DNS does at the end of a forwarded connection; or never. */
async function startForwarded(
  answers = true,
): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-route-"));
  const path = join(folder, "dns.sock");
  const server = createServer((socket) =>
    socket.on("data", (bytes) => {
      // QR: the question itself is its answer.
      bytes.writeUInt8(bytes.readUInt8(4) | 0x80, 4);
      if (answers) socket.write(bytes);
    }),
  ).listen(path);
  await once(server, "listening");
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

test("an Engine that is reached by TCP starts no relay where another node forwards the connection", async () => {
  await using forwarded = await startForwarded();
  const dialled: string[] = [];
  const peer = {
    ...engineWith(new Set(), dialled),
    forward: () => Promise.resolve(forwarded.path),
  };
  const wayTo = createDnsRouter(engineWith(new Set(["one"]), dialled), "/shop", [peer]);
  const dial = await wayTo("192.0.2.7");
  const stream = await dial?.("192.0.2.7", 53);
  expect(stream).toBeInstanceOf(Socket);
  stream?.destroy();
  expect(dialled).toEqual([]);
});

test("no other node is asked for a DNS that is in the network of its own Engine", async () => {
  await using forwarded = await startForwarded();
  const dialled: string[] = [];
  const asked: string[] = [];
  const peer = {
    ...engineWith(new Set(), dialled),
    forward: (host: string) => {
      asked.push(host);
      return Promise.resolve(forwarded.path);
    },
  };
  const wayTo = createDnsRouter(engineWith(new Set(["one"]), dialled), "/shop", [peer]);
  const dial = await wayTo("172.30.0.2");
  await dial?.("172.30.0.2", 53);
  expect(asked).toEqual([]);
  expect(dialled).toEqual(["one"]);
});

test("a DNS is reached while another node's Engine does not answer", async () => {
  const dialled: string[] = [];
  const silent: Engine = {
    ...engineWith(new Set(), dialled),
    local: true,
    send: () => Promise.reject(new Error("it is off")),
  };
  const wayTo = createDnsRouter(engineWith(new Set(["one"]), dialled), "/shop", [silent]);
  const dial = await wayTo("192.0.2.7");
  await dial?.("192.0.2.7", 53);
  expect(dialled).toEqual(["one"]);
});

test("a DNS that refuses connections is looked for again, without a relay", async () => {
  const forwarded = await startForwarded();
  const dialled: string[] = [];
  let path = "/nowhere/dns.sock";
  const peer = { ...engineWith(new Set(), dialled), forward: () => Promise.resolve(path) };
  const wayTo = createDnsRouter(engineWith(new Set(["one"]), dialled), "/shop", [peer]);
  await wayTo("192.0.2.7");
  ({ path } = forwarded);
  const dial = await wayTo("192.0.2.7");
  const stream = await dial?.("192.0.2.7", 53);
  expect(stream).toBeInstanceOf(Socket);
  stream?.destroy();
  await forwarded[Symbol.asyncDispose]();
});

test("a DNS that was silent for a moment is looked for again, without a relay", async () => {
  await using silent = await startForwarded(false);
  await using answering = await startForwarded();
  const dialled: string[] = [];
  const paths = [silent.path];
  const forward = () => Promise.resolve(paths.pop() ?? answering.path);
  const far = { ...engineWith(new Set(["one"]), dialled), forward };
  const wayTo = createDnsRouter(far, "/shop");
  await (
    await wayTo("192.0.2.7")
  )?.("192.0.2.7", 53);
  expect(dialled).toEqual(["one"]);
  const stream = await (await wayTo("192.0.2.7"))?.("192.0.2.7", 53);
  expect(stream).toBeInstanceOf(Socket);
  stream?.destroy();
});

test("the relay is kept after three looks in a row that found nothing else", async () => {
  let looks = 0;
  const far = engineWith(new Set(["one"]), []);
  const send: Engine["send"] = (request) => {
    if (request.path.startsWith("/networks")) looks += 1;
    return far.send(request);
  };
  const wayTo = createDnsRouter({ ...far, send }, "/shop");
  await Promise.all([wayTo("172.30.0.2"), wayTo("172.30.0.2")]);
  expect(looks).toBe(1);
  for (let count = 0; count < 5; count++) await wayTo("172.30.0.2");
  expect(looks).toBe(3);
});

test("a relay that is gone is replaced by another container, if there is one", async () => {
  const [running, dialled] = [new Set(["one", "two"]), [] as string[]];
  const wayTo = createDnsRouter(engineWith(running, dialled), "/shop");
  const again = async (): Promise<void> => {
    const dial = await wayTo("192.0.2.7");
    const stream = await dial?.("192.0.2.7", 53);
    stream?.destroy();
  };
  await again();
  running.delete("one");
  await again();
  await again();
  expect(dialled).toEqual(["one", "two", "two"]);
  running.clear();
  expect(again()).rejects.toThrow("is not running");
});

test("one process in a container relays messages, however many looks for the route there are", async () => {
  const dialled: string[] = [];
  const wayTo = createDnsRouter(engineWith(new Set(["one"]), dialled), "/shop");
  const open = async () => (await wayTo("192.0.2.7"))?.("192.0.2.7", 53);
  const first = await Promise.all([open(), open()]);
  const streams = [...first, await open(), await open()];
  expect(new Set(streams).size).toBe(4);
  expect(dialled).toEqual(["one"]);
  for (const stream of streams) stream?.destroy();
});
