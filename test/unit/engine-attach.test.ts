import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectEngine } from "../../src/docker/client/connect.ts";
import type { Engine } from "../../src/docker/client/engine.ts";
import { tagImage } from "../../src/docker/images/images.ts";
import { attachOutput } from "../../src/docker/streams/attach-output.ts";
import { upgrade } from "../../src/docker/client/upgrade.ts";

const agreed = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

let folder: string | undefined;
let server: Server | undefined;

/** Something that answers each connection in its way; the path of its socket. */
async function listen(answer: (socket: Socket, request: string) => void): Promise<string> {
  folder = mkdtempSync(join(tmpdir(), "reyns-attach-"));
  const socketPath = join(folder, "engine.sock");
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => answer(socket, bytes.toString()));
  });
  await new Promise<void>((resolve) => server?.listen(socketPath, resolve));
  return socketPath;
}

const greeting = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK";

function connectTo(path: string): Promise<Engine> {
  return connectEngine({ DOCKER_HOST: `unix://${path}`, ENGINE_TIMEOUT: "2" }, {});
}

/** Greets, and has the given answer to everything else. */
async function engineThat(answer: (socket: Socket) => void): Promise<Engine> {
  const socketPath = await listen((socket, request) => {
    if (request.startsWith("GET /_ping")) socket.write(greeting);
    else answer(socket);
  });
  return connectTo(socketPath);
}

afterEach(() => {
  server?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** Writes a text in pieces that cannot come together. */
async function inPieces(socket: Socket, text: string, size: number): Promise<void> {
  for (let at = 0; at < text.length; at += size) {
    socket.write(text.slice(at, at + size));
    await Bun.sleep(1);
  }
}

describe("a connection that becomes a stream", () => {
  test.each([5, 40, 1000])(
    "gives all that comes after the answer, in pieces of %i",
    async (size) => {
      const socketPath = await listen((socket, request) => {
        expect(request).toStartWith("POST /v1.41/containers/box/attach?stream=true HTTP/1.1\r\n");
        expect(request).toEndWith("\r\n\r\n");
        void inPieces(socket, `${agreed}first, and\r\n\r\nthe last`, size).then(() => socket.end());
      });
      let seen = "";
      const path = "/v1.41/containers/box/attach?stream=true";
      const { ended } = await upgrade({ socketPath }, path, {
        onBytes: (bytes) => void (seen += bytes.toString()),
      });
      await ended;
      expect(seen).toBe("first, and\r\n\r\nthe last");
    },
  );

  test("is refused with what the Engine says, also where that comes in pieces", async () => {
    const body = '{"message":"no such container: box"}';
    const head = `HTTP/1.1 404 Not Found\r\ncontent-length: ${body.length}\r\n\r\n`;
    const socketPath = await listen((socket) => void inPieces(socket, head + body, 20));
    const refused = upgrade({ socketPath }, "/x", { onBytes: () => {} });
    await expect(refused).rejects.toMatchObject({
      statusCode: 404,
      json: { message: "no such container: box" },
    });
  });

  test("may end before there is an answer", async () => {
    const socketPath = await listen((socket) => socket.end("HTTP/1.1 10"));
    const cut = upgrade({ socketPath }, "/x", { onBytes: () => {} });
    await expect(cut).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("is ended from here", async () => {
    const gone = Promise.withResolvers<void>();
    const socketPath = await listen((socket) => {
      socket.on("close", gone.resolve);
      socket.write(agreed);
    });
    const { ended, close } = await upgrade({ socketPath }, "/x", { onBytes: () => {} });
    close();
    await Promise.all([ended, gone.promise]);
  });
});

describe("a container's output", () => {
  test("comes line by line, the last one without an end too", async () => {
    const engine = await engineThat((socket) => {
      socket.write(agreed);
      // A frame of standard output with 5 bytes, one of standard error with 3.
      socket.end("\u0001\0\0\0\0\0\0\u0005a\nb\nc\u0002\0\0\0\0\0\0\u0003d\r\n");
    });
    const lines: string[] = [];
    const { ended } = await attachOutput(engine, "box", (line) => lines.push(line));
    await ended;
    expect(lines).toEqual(["a", "b", "d", "c"]);
  });

  test("of a container that is gone is refused in words", async () => {
    const engine = await engineThat((socket) =>
      socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 18\r\n\r\n{"message":"gone"}'),
    );
    await expect(attachOutput(engine, "box", () => {})).rejects.toMatchObject({
      code: "ENGINE_REFUSED",
      message: "the Docker Engine refused: gone",
    });
  });

  /** Greets once, and is silent from `when` on. */
  const silentAfter = async (when: "greeting" | "answer", onEnd = () => {}) => {
    let isSilent = false;
    const socketPath = await listen((socket, request) => {
      if (isSilent) return void socket.on("close", onEnd);
      isSilent = when === "greeting" || !request.startsWith("GET /_ping");
      socket.write(request.startsWith("GET /_ping") ? greeting : agreed);
    });
    return connectTo(socketPath);
  };

  test("is not waited for when the Engine is silent", async () => {
    const gone = Promise.withResolvers<void>();
    const engine = await silentAfter("greeting", gone.resolve);
    await expect(attachOutput(engine, "box", () => {})).rejects.toMatchObject({
      code: "NO_ENGINE",
      message: expect.stringContaining("has not answered for 2 s"),
    });
    await gone.promise;
  });

  test("is not waited for when the Engine answers pings alone", async () => {
    const engine = await engineThat(() => {});
    await expect(attachOutput(engine, "box", () => {})).rejects.toMatchObject({
      code: "NO_ENGINE",
      message: expect.stringContaining("has not answered for 2 s"),
    });
  });

  test("is waited for as long as the Engine is at work", async () => {
    const engine = await engineThat((socket) => {
      setTimeout(() => socket.end(`${agreed}late`), 1000);
    });
    const lines: string[] = [];
    const { ended } = await attachOutput(engine, "box", (line) => lines.push(line));
    await ended;
    expect(lines).toEqual(["late"]);
  });

  test("ends when the Engine falls silent in the middle of it", async () => {
    const engine = await silentAfter("answer");
    const { ended } = await attachOutput(engine, "box", () => {});
    await ended;
  });
});

describe("an answer that is no document", () => {
  test.each(["", "\n", "Created"])("is nothing: %j", async (body) => {
    const head = `HTTP/1.1 201 Created\r\nContent-Type: text/plain; charset=us-ascii\r\n`;
    const engine = await engineThat((socket) =>
      socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`),
    );
    await tagImage(engine, "web", "shop/web:latest");
  });
});
