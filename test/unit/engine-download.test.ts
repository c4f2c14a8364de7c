// A path of a container, as a tar that the connection carries by itself.
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectEngine } from "../../src/docker/client/connect.ts";
import { readArchive } from "../../src/docker/containers/archive.ts";

let folder: string | undefined;
let server: Server | undefined;

afterEach(() => {
  server?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

const greeting = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK";
const success = "HTTP/1.0 200 OK\r\nContent-Type: application/x-tar\r\n\r\n";

async function writePieces(socket: Socket, text: string, size: number): Promise<void> {
  for (let at = 0; at < text.length; at += size) {
    socket.write(text.slice(at, at + size));
    await Bun.sleep(1);
  }
  socket.end();
}

/** Reads from an Engine that has the given answer, in pieces that cannot come together. */
async function read(answer: string, size = answer.length): Promise<string> {
  folder = mkdtempSync(join(tmpdir(), "reyns-download-"));
  const socketPath = join(folder, "engine.sock");
  server = createServer((socket: Socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      if (bytes.toString().startsWith("GET /_ping")) return void socket.write(greeting);
      expect(bytes.toString()).toStartWith(
        "GET /v1.41/containers/box/archive?path=%2Fa+b HTTP/1.0\r\n",
      );
      void writePieces(socket, answer, size);
    });
  });
  await new Promise<void>((resolve) => server?.listen(socketPath, resolve));
  const engine = await connectEngine({ DOCKER_HOST: `unix://${socketPath}` }, {});
  const { signal } = new AbortController();
  const chunks = await Array.fromAsync(readArchive(engine, "box", "/a b", signal));
  return Buffer.concat(chunks).toString();
}

test.each([7, 300, 5000])("gives all of the tar, in pieces of %i", async (size) => {
  const tar = `one\r\n\r\ntwo${"\0".repeat(1024)}`;
  expect(await read(success + tar, size)).toBe(tar);
});

test.each(["one", "", "\0".repeat(1000), `one${"\0".repeat(1023)}`])(
  "a tar that breaks off is an error: %#",
  (tar) => expect(read(success + tar)).rejects.toThrow("the connection was closed"),
);

test("the Engine's own error is told, also when it comes in pieces", () => {
  const body = '{"message":"no such path"}';
  const answer = `HTTP/1.0 404 Not Found\r\nContent-Type: application/json\r\n\r\n${body}`;
  return expect(read(answer, 9)).rejects.toThrow("the Docker Engine refused: no such path");
});

test.each(["", "SSH-2.0-OpenSSH_9.2\r\n\r\n"])(
  "what does not speak HTTP is no Engine: %#",
  (answer) => expect(read(answer)).rejects.toMatchObject({ code: "NO_ENGINE" }),
);
