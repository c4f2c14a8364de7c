import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Engine } from "../../src/docker/client/engine.ts";
import { frameReader } from "../../src/docker/streams/multiplex.ts";
import { readLog } from "../../src/docker/streams/read-log.ts";

// It asks hundreds of times, also on a busy machine.
setDefaultTimeout(60_000);

function frame(kind: number, text: string): Buffer {
  const header = Buffer.from([kind, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

describe("what a process without a terminal writes", () => {
  const whole = Buffer.concat([
    frame(1, "one\n"),
    frame(2, "two\n"),
    frame(1, ""),
    frame(0, "3\n"),
  ]);

  test.each([1, 2, 3, 7, 8, 9, 100])("is taken apart in pieces of %i bytes", (size) => {
    const seen = { stdout: "", stderr: "" };
    const take = frameReader((output, bytes) => (seen[output] += bytes.toString()));
    for (let at = 0; at < whole.length; at += size) take(whole.subarray(at, at + size));
    expect(seen).toEqual({ stdout: "one\n3\n", stderr: "two\n" });
  });

  test("is taken apart at once, however many lines come together", () => {
    let bytes = 0;
    const take = frameReader((_, part) => (bytes += part.length));
    take(Buffer.concat(Array.from({ length: 60_000 }, () => frame(1, "a\n"))));
    expect(bytes).toBe(120_000);
  });

  test.each(["ok\n", "x", "a longer text of a terminal\r\n", "\u001B[2J"])(
    "is left as it is when it is a terminal's: %j",
    (text) => {
      for (const size of [1, 5, 100]) {
        let seen = "";
        const take = frameReader((_, bytes) => (seen += bytes.toString()));
        const all = Buffer.from(text);
        for (let at = 0; at < all.length; at += size) take(all.subarray(at, at + size));
        expect(seen).toBe(text);
      }
    },
  );
});

/** What an Engine answers around one command, whose output is given. */
function answer(socket: Socket, request: string, output: Buffer): void {
  const send = (status: string, body: string): void => {
    const head = `HTTP/1.1 ${status}\r\nApi-Version: 1.41\r\nContent-Type: application/json`;
    socket.write(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  };
  if (request.includes("/_ping")) return send("200 OK", "{}");
  if (/^POST \S+\/containers\/box\/exec/.test(request)) return send("201 Created", '{"Id":"run"}');
  if (/^POST \S+\/exec\/run\/start/.test(request)) {
    socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
    socket.end(output);
    return;
  }
  if (/^GET \S+\/exec\/run\/json/.test(request)) return send("200 OK", '{"ExitCode":7}');
  send("404 Not Found", '{"message":"none"}');
}

describe("a command's output", () => {
  const folder = mkdtempSync(join(tmpdir(), "reyns-streams-"));
  const path = join(folder, "engine.sock");
  const size = 8_000_000;
  const line = `${"x".repeat(999)}\n`;
  const output = Buffer.concat(Array.from({ length: size / 1000 }, () => frame(1, line)));
  let server: Server;

  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (bytes) => {
        const text = bytes.toString();
        if (/^(GET|POST|HEAD) /.test(text)) answer(socket, text, output);
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const script = `
    const { connectEngine } = await import("./src/docker/client/connect.ts");
    const { runAttached } = await import("./src/runtime/sessions/attached.ts");
    const engine = await connectEngine({ DOCKER_HOST: "unix://${path}" }, {});
    process.exit(await runAttached(engine, "box", "cat big", process));`;

  test("is whole also where it is read slowly", async () => {
    const words = ["sh", "-c", `"$0" -e "$1" </dev/null | { sleep 0.5; wc -c; }`];
    const child = Bun.spawn([...words, process.execPath, script], { stderr: "inherit" });
    expect((await child.stdout.text()).trim()).toBe(String(size));
  });

  test("may be more than anybody reads", async () => {
    const words = ["sh", "-c", `{ "$0" -e "$1"; echo "status $?" >&2; } </dev/null | head -c 10`];
    const child = Bun.spawn([...words, process.execPath, script], { stderr: "pipe" });
    expect(await child.stdout.text()).toBe("xxxxxxxxxx");
    expect(await child.stderr.text()).toMatch(/status \d+\n$/);
  });
});

test("a log is followed no more when nobody reads any longer, also one that begins only then", async () => {
  const log = new PassThrough();
  const client = { getContainer: () => ({ logs: () => Promise.resolve(log) }) };
  const engine = { client: () => Promise.resolve(client) } as unknown as Engine;
  const over = AbortSignal.abort();
  await readLog(engine, "box", { follow: true, tail: 0, since: "0", signal: over }, () => {});
  expect(log.destroyed).toBe(true);
});
