// An Engine that has every image, keeps what it is asked to create, and runs nothing: what two programs ask of it for the same
// project can be compared field by field.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import {
  answerContainers,
  answerNetworks,
  answerVolumes,
  imageId,
  isJob,
  type Answer,
  type EngineCall,
  type EngineState,
  type Given,
  type JsonObject,
} from "./fake-answers.ts";

export interface FakeEngine extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly host: string;
  readonly state: EngineState;
}

export async function openFakeEngine(given: Given): Promise<FakeEngine> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-engine-"));
  const path = join(folder, "engine.sock");
  const state: EngineState = { containers: [], networks: [], volumes: [], given };
  const server = createServer((request, response) => void handle(request, response, state));
  const sockets = new Set<Duplex>();
  server.on("connection", (socket) => void sockets.add(socket));
  server.on("upgrade", ({ url = "" }, socket: Duplex) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
    const id = /\/containers\/(\w+)\/attach/.exec(url)?.[1];
    if (url.includes("/exec/")) socket.end();
    const container = state.containers.find((one) => one.id === id);
    if (container && isJob(container, given)) container.endOutput = () => socket.end();
  });
  server.listen(path);
  await once(server, "listening");
  return {
    host: `unix://${path}`,
    state,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  state: EngineState,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://engine");
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const isJson = request.headers["content-type"]?.includes("json") ?? false;
  const text = isJson ? Buffer.concat(chunks).toString() : "";
  const call: EngineCall = {
    method: request.method ?? "GET",
    parts: url.pathname
      .replace(/^\/v1\.\d+/, "")
      .slice(1)
      .split("/")
      .map(decodeURIComponent),
    query: url.searchParams,
    body: text === "" ? {} : (JSON.parse(text) as JsonObject),
  };
  const [status, answer] = answerTo(call, state);
  response.writeHead(status, { "Content-Type": "application/json", "Api-Version": "1.47" });
  // Nothing happens, for as long as anybody listens.
  if (call.parts[0] === "events") response.flushHeaders();
  else response.end(answer === undefined ? "" : JSON.stringify(answer));
}

function answerTo(call: EngineCall, state: EngineState): Answer {
  switch (call.parts[0]) {
    case "_ping":
      return [200, "OK"];
    case "version":
      return [200, { Version: "27.5.1", ApiVersion: "1.47", Os: "linux", Arch: "amd64" }];
    case "info":
      return [200, { ID: "fake", OSType: "linux", Architecture: "x86_64", Swarm: {} }];
    case "events":
      return [200];
    case "build":
      return [200, { aux: { ID: imageId } }];
    case "images":
      return answerImages(call);
    case "networks":
      return answerNetworks(call, state);
    case "volumes":
      return answerVolumes(call, state);
    case "exec":
      return [200, { Running: false, ExitCode: 0 }];
    case "containers":
      return answerContainers(call, state);
    default:
      return [404, { message: "page not found" }];
  }
}

function answerImages({ parts }: EngineCall): Answer {
  if (parts.at(1) === "create") return [200, { status: "Status: Image is up to date" }];
  if (parts.at(-1) !== "json" || parts.length === 2) return [200, []];
  const image = { Id: imageId, RepoTags: [parts.slice(1, -1).join("/")], RepoDigests: [] };
  const rest = { Architecture: "amd64", Os: "linux", Config: {}, RootFS: { Layers: [] } };
  return [200, { ...image, ...rest }];
}
