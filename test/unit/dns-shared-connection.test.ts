import { afterEach, expect, test } from "bun:test";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { query } from "../../src/dns/client/query.ts";
import { shareConnection } from "../../src/dns/client/shared-connection.ts";
import { exchangeTcp, readMessages, type DialTcp } from "../../src/dns/client/transport.ts";

let server: Server | undefined;

afterEach(() => server?.close());

interface Counted {
  readonly dial: DialTcp;
  /** How many connections there have been. */
  readonly count: () => number;
}

/** A DNS that gets the messages of each connection, and a dial that counts the connections. */
async function serve(onMessage: (bytes: Buffer, socket: Socket) => void): Promise<Counted> {
  let count = 0;
  server = createServer((socket) => {
    count += 1;
    socket.on(
      "data",
      readMessages((bytes) => onMessage(bytes, socket)),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { dial: shareConnection(() => connect({ host: "127.0.0.1", port })), count: () => count };
}

/** The question itself is its answer. */
function answer(bytes: Buffer, socket: Socket): void {
  const reply = Buffer.alloc(2 + bytes.length);
  reply.writeUInt16BE(bytes.length);
  bytes.copy(reply, 2);
  reply.writeUInt8(reply.readUInt8(4) | 0x80, 4);
  socket.write(reply);
}

const ask = (name: string, dial: DialTcp, timeout = 5000): Promise<unknown> =>
  query(name, "A", { server: "192.0.2.7", dial, timeout });

test("fifty questions at a time, and later ones, share one connection, and each gets its own answer", async () => {
  const waiting: (readonly [Buffer, Socket])[] = [];
  const { dial, count } = await serve((bytes, socket) => {
    waiting.push([Buffer.from(bytes), socket]);
    // The last one first. Ids are random: one of a pair with the same id comes when the other has its answer.
    if (waiting.length > 1) return;
    setTimeout(() => {
      for (const one of waiting.splice(0).toReversed()) answer(...one);
    }, 50);
  });
  for (let round = 0; round < 2; round++)
    await Promise.all(Array.from({ length: 50 }, (_, index) => ask(`n${index}.local.zone`, dial)));
  expect(count()).toBe(1);
});

test("a question with the id of another one waits for that one's answer", async () => {
  const seen: Buffer[] = [];
  const { dial, count } = await serve((bytes, socket) => {
    seen.push(Buffer.from(bytes));
    const text = Buffer.from(bytes);
    setTimeout(() => answer(text, socket), 30);
  });
  const exchange = (letter: string): Promise<string> =>
    exchangeTcp(Buffer.from([0, 7, 0, letter.charCodeAt(0)]), {
      ...{ server: "192.0.2.7", port: 53, dial, timeout: 5000, signal: undefined },
      accept: (bytes) => String.fromCharCode(bytes.readUInt8(3)),
    });
  expect(await Promise.all(["a", "b", "c"].map(exchange))).toEqual(["a", "b", "c"]);
  expect(count()).toBe(1);
  expect(seen).toHaveLength(3);
});

test("after a question without an answer, the next one has another connection", async () => {
  let isSilent = true;
  const { dial, count } = await serve((bytes, socket) => isSilent || answer(bytes, socket));
  await expect(ask("lost.local.zone", dial, 100)).rejects.toThrow("does not answer");
  isSilent = false;
  await ask("found.local.zone", dial);
  await ask("again.local.zone", dial);
  expect(count()).toBe(2);
});

test("a connection that ends fails its questions at once, and the next one has another", async () => {
  let isEnding = true;
  const { dial, count } = await serve((bytes, socket) =>
    isEnding ? socket.destroy() : answer(bytes, socket),
  );
  const failed = [ask("a.local.zone", dial, 60_000), ask("b.local.zone", dial, 60_000)];
  for (const one of await Promise.allSettled(failed)) expect(one.status).toBe("rejected");
  isEnding = false;
  await ask("c.local.zone", dial);
  expect(count()).toBe(2);
});

test("a connection that cannot be opened is tried again by the next question", async () => {
  const { dial: open } = await serve(answer);
  let isOff = true;
  const dial = shareConnection((host, port) => {
    if (isOff) throw new Error("no container runs");
    return open(host, port);
  });
  await expect(ask("a.local.zone", dial)).rejects.toThrow("no container runs");
  isOff = false;
  await ask("b.local.zone", dial);
});
