// A project with a router and a service behind it, and requests that come all the time.
import { realpathSync } from "node:fs";
import { Agent, request } from "node:http";
import { createProject, type Project } from "./project.ts";
import { freePort } from "./free-port.ts";

/** The host of the route. */
const host = "web.localhost";

/** Answers with its version; holds requests, WebSockets and uploads as long as they want. */
const server = `const version = process.env["VERSION"] ?? "";
const server = Bun.serve({
  port: 8080,
  idleTimeout: 120,
  async fetch(request, server) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/ws") return server.upgrade(request) ? undefined : new Response("", { status: 400 });
    if (pathname === "/slow") await Bun.sleep(Number(searchParams.get("ms")));
    if (pathname !== "/upload") return new Response(version);
    let length = 0;
    for await (const chunk of request.body ?? []) length += chunk.length;
    return new Response(String(length));
  },
  websocket: { message: (socket, text) => void socket.send(version + " " + text) },
});
process.on("SIGTERM", () => process.exit(0));
`;

export interface RoutedProject extends Project {
  /** The port of the host that its router answers on. */
  readonly port: number;
  /** Defines the service with these options besides its usual ones. */
  define(version: number, options?: string): Promise<void>;
}

/**
 * @param name one that no other test has
 * @param instances names of those that serve
 */
export async function createRouted(
  name: string,
  instances: readonly string[] = ["one"],
): Promise<RoutedProject> {
  const port = await freePort();
  const bun = realpathSync(process.execPath);
  const definition = (version: number, options = ""): string => `
import { project, ready, router, service } from "reyns";
project(${JSON.stringify(name)});
router({ http: ${port}, https: false });
for (const instance of ${JSON.stringify(instances)}) service("web", { instance, image: "debian:bookworm-slim", command: ["/bun", "/serve.ts"],
  volumes: [${JSON.stringify(`${bun}:/bun:ro`)}, "./serve.ts:/serve.ts:ro"],
  route: { host: ${JSON.stringify(host)}, port: 8080 }, ready: ready.tcp(8080), env: { VERSION: "${version}" }, ${options} });
`;
  const shop = await createProject({ "reyns.ts": definition(1), "serve.ts": server });
  return {
    ...shop,
    port,
    define: (version, options) => shop.write({ "reyns.ts": definition(version, options) }),
    [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose](),
  };
}

export interface Answer {
  /** 0 where none came. */
  readonly status: number;
  readonly body: string;
  readonly ms: number;
}

/** Sends one request through the router. */
export function ask(
  port: number,
  path: string,
  { agent, body }: { readonly agent?: Agent; readonly body?: AsyncIterable<Uint8Array> } = {},
): Promise<Answer> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const end = (status: number, text: string): void =>
      resolve({ status, body: text, ms: performance.now() - begun });
    const call = request(
      {
        port,
        path,
        host: "127.0.0.1",
        method: body ? "POST" : "GET",
        headers: { host },
        ...(agent ? { agent } : {}),
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => end(response.statusCode ?? 0, text));
        response.on("error", ({ message }) => end(0, message));
      },
    );
    call.on("error", ({ message }) => end(0, message));
    if (!body) {
      call.end();
      return;
    }
    void (async () => {
      for await (const chunk of body) call.write(chunk);
      call.end();
    })();
  });
}

export interface Load extends AsyncDisposable {
  readonly answers: readonly Answer[];
  /** Those that were no success. */
  failures(): Answer[];
}

/** Requests over connections that stay open, until it is disposed of. */
export function keepAsking(port: number, { connections = 2, pauseMs = 20 } = {}): Load {
  const answers: Answer[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const state = { isOver: false };
  const lanes = Array.from({ length: connections }, async () => {
    while (!state.isOver) {
      answers.push(await ask(port, "/", { agent }));
      await Bun.sleep(pauseMs);
    }
  });
  return {
    answers,
    failures: () => answers.filter(({ status }) => status !== 200),
    [Symbol.asyncDispose]: async () => {
      state.isOver = true;
      await Promise.all(lanes);
      agent.destroy();
    },
  };
}

export interface OpenSocket {
  /** Resolves when it has ended. */
  readonly closed: Promise<void>;
  isOpen(): boolean;
  /** Sends a text; resolves to what comes back. */
  echo(text: string): Promise<string>;
  close(): void;
}

export async function openSocket(port: number): Promise<OpenSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { host } });
  const closed = new Promise<void>((resolve) => {
    socket.addEventListener("close", () => resolve());
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("no WebSocket")), { once: true });
  });
  return {
    closed,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    echo: (text) =>
      new Promise((resolve) => {
        socket.addEventListener("message", ({ data }) => resolve(String(data)), { once: true });
        socket.send(text);
      }),
    close: () => socket.close(),
  };
}
