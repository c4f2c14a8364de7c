import { afterEach, describe, expect, test } from "bun:test";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { createMessage, decodeMessage, encodeMessage } from "../../src/dns/wire/message.ts";
import { ReynsError } from "../../src/errors.ts";
import { defaultDnsSettings } from "../../src/model/dns-settings.ts";
import { deregisterInstance, registerInstance } from "../../src/runtime/dns/register.ts";
import { retryConflicts } from "../../src/dns/registry/conflicts.ts";
import { retryWhileSilent } from "../../src/runtime/dns/retry.ts";
import { recordedKey } from "./dns-recorded.ts";

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

/** A DNS that does not answer for some time; then it answers questions, and refuses changes. */
async function startSilentDns(milliseconds: number): Promise<number> {
  const end = performance.now() + milliseconds;
  const socket = createSocket("udp4");
  sockets.push(socket);
  socket.on("message", (bytes, { port, address }) => {
    if (performance.now() < end) return;
    const { id, opcode, questions } = decodeMessage(bytes);
    const rcode = opcode === "UPDATE" ? "REFUSED" : "NOERROR";
    const answer = { id, opcode, questions, rcode, response: true, authoritative: true } as const;
    socket.send(encodeMessage(createMessage(answer)), port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket.address().port;
}

const instance = {
  ...defaultDnsSettings,
  server: "127.0.0.1",
  service: "demo",
  instance: "one",
  address: "10.5.0.7",
  policy: "REPLACE",
} as const;

async function codeOfRegistration(silence: number, timeout?: number): Promise<string> {
  const port = await startSilentDns(silence);
  const dns = {
    to: async (server: string) => ({ server, port, key: recordedKey }),
    node: async () => "alpha",
  };
  const error: unknown = await registerInstance(instance, dns, { timeout }).catch(
    (thrown: unknown) => thrown,
  );
  return error instanceof ReynsError ? error.code : String(error);
}

describe("a registration with a DNS that is silent for 3 s", () => {
  test("reaches it, if the run has the time", async () => {
    expect(await codeOfRegistration(3000, 20_000)).toBe("DNS_REFUSED");
  }, 20_000);

  test("is tried once where nobody waits for it", async () => {
    expect(await codeOfRegistration(3000)).toBe("DNS_UNREACHABLE");
  }, 20_000);
});

describe("an update that others overtake", () => {
  test("is repeated for longer than an answer may take", async () => {
    const start = performance.now();
    expect(await retryConflicts(async () => performance.now() - start > 2500)).toBe(true);
  }, 30_000);

  test("is given up when the caller has no more time", async () => {
    expect(await retryConflicts(async () => false, { conflictTimeout: 300 })).toBe(false);
  });

  test("ends with the signal's reason", async () => {
    const abort = new AbortController();
    const reason = new Error("the caller has gone");
    const overtaken = retryConflicts(
      async () => {
        abort.abort(reason);
        return false;
      },
      { signal: abort.signal },
    );
    expect(await overtaken.catch((error: unknown) => error)).toBe(reason);
  });
});

test("names that a silent DNS keeps are given up with the signal of the call that stops their instance", async () => {
  const abort = new AbortController();
  const reason = new Error("interrupted");
  // Zones are read over TCP.
  const server = createServer(() => abort.abort(reason)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const dns = {
    to: async (address: string, signal?: AbortSignal) => {
      return { server: address, port, key: recordedKey, signal, timeout: 60_000 };
    },
    node: async () => "alpha",
  };
  const given = deregisterInstance(instance, dns, abort.signal);
  expect(await given.catch((error: unknown) => error)).toBe(reason);
  server.close();
}, 20_000);

test("a registration goes to the machine's secondary DNS while the first one is silent", async () => {
  const [first, second] = [await startSilentDns(60_000), await startSilentDns(0)];
  const ports: Record<string, number> = { "10.0.0.1": first, "10.0.0.2": second };
  const dns = {
    to: async (server: string) => {
      return { server: "127.0.0.1", port: ports[server] ?? 0, key: recordedKey };
    },
    node: async () => "alpha",
  };
  const registered = { ...instance, server: "10.0.0.1", resolver: "10.0.0.2" };
  const request = registerInstance(registered, dns);
  expect(request).rejects.toHaveProperty("code", "DNS_REFUSED");
  await request.catch(() => {});
}, 20_000);

/** A DNS that refuses every transfer of a zone. */
function startRefusing(): Bun.TCPSocketListener {
  return Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data: (connection, bytes) => {
        const { id, opcode, questions } = decodeMessage(bytes.subarray(2));
        const answer = { id, opcode, questions, rcode: "REFUSED", response: true } as const;
        const packet = Buffer.from(encodeMessage(createMessage(answer)));
        const length = Buffer.alloc(2);
        length.writeUInt16BE(packet.length);
        connection.write(Buffer.concat([length, packet]));
      },
    },
  });
}

test("an instance is deregistered from its machine's secondary DNS while the first one is silent", async () => {
  using second = startRefusing();
  const ports: Record<string, number> = {
    "10.0.0.1": await startSilentDns(60_000),
    "10.0.0.2": second.port,
  };
  const dns = {
    to: async (server: string) => {
      return { server: "127.0.0.1", port: ports[server] ?? 0, key: recordedKey };
    },
    node: async () => "alpha",
  };
  const codeOf = (registered: Parameters<typeof deregisterInstance>[0]): Promise<unknown> =>
    deregisterInstance(registered, dns).catch(({ code }: ReynsError) => code);
  const first = { ...instance, server: "10.0.0.1" };
  expect(await codeOf(first)).toBe("DNS_UNREACHABLE");
  expect(await codeOf({ ...first, resolver: "10.0.0.2" })).toBe("DNS_REFUSED");
}, 20_000);

describe("a request to a silent DNS", () => {
  const silent = new ReynsError("DNS_UNREACHABLE", "silent");

  test("is not repeated after the timeout, and fails with the last reason", async () => {
    let attempts = 0;
    const request = retryWhileSilent({ timeout: 1500 }, async () => {
      attempts += 1;
      throw new ReynsError("DNS_UNREACHABLE", `silent ${attempts}`);
    });
    const error: unknown = await request.catch((thrown: unknown) => thrown);
    expect(attempts).toBeGreaterThan(1);
    expect(error).toHaveProperty("message", `silent ${attempts}`);
  });

  test("gets more time with each attempt, and never more than is left", async () => {
    const times: number[] = [];
    await retryWhileSilent({ timeout: 9000 }, async (milliseconds) => {
      times.push(milliseconds);
      if (times.length < 4) throw silent;
    });
    expect(times.slice(0, 2)).toEqual([2000, 4000]);
    expect(times.every((milliseconds) => milliseconds <= 9000)).toBeTrue();
  });

  test("ends with the signal", async () => {
    const abort = new AbortController();
    const request = retryWhileSilent({ timeout: 60_000, signal: abort.signal }, async () => {
      abort.abort();
      throw silent;
    });
    expect(request).rejects.toHaveProperty("name", "AbortError");
  });

  test("is not repeated after a refusal", async () => {
    let attempts = 0;
    const request = retryWhileSilent({ timeout: 60_000 }, async () => {
      attempts += 1;
      throw new ReynsError("DNS_REFUSED", "no");
    });
    expect(request).rejects.toHaveProperty("code", "DNS_REFUSED");
    await request.catch(() => {});
    expect(attempts).toBe(1);
  });
});
