import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { ReynsError } from "../errors.ts";
import { guardCalls } from "./guard.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A Docker Engine that can be asked. Only this folder looks inside. */
export interface Engine {
  /** Everything that the Engine can do; loaded when it is first needed, which takes 10 ms. */
  readonly client: () => Promise<Docker>;
  /** Asks for a document with a plain GET, without the client: lists are what people wait for. */
  readonly get: (path: string) => Promise<Response>;
  /** As a person would write it in DOCKER_HOST. */
  readonly endpoint: string;
  /** True when the Engine runs on this machine, so that its bridges and paths are ours too. */
  readonly local: boolean;
  /** Milliseconds that it may be silent: `ENGINE_TIMEOUT`, which is in seconds, else a minute. */
  readonly patience: number;
}

/** One request to the Engine, for `LOG_LEVEL=DEBUG`. */
export interface EngineCall {
  readonly method: string;
  readonly path: string;
  readonly milliseconds: number;
}

interface Options {
  readonly env: Environment;
  readonly onCall?: ((call: EngineCall) => void) | undefined;
}

/**
 * The Engine that DOCKER_HOST, DOCKER_CONTEXT, the current docker context or the default socket names, in this order.
 * Nothing is sent yet.
 */
export function connectEngine({ env, onCall = () => {} }: Options): Engine {
  const endpoint = endpointOf(env);
  const reach = reachOf(endpoint, env);
  const patience = patienceOf(env);
  let client: Promise<Docker> | undefined;
  const get: Engine["get"] = async (path) => {
    const start = performance.now();
    const response = await fetchFrom(reach, path);
    onCall({ method: "GET", path, milliseconds: performance.now() - start });
    return response;
  };
  const guardedClient = async (): Promise<Docker> => {
    const made = await createClient(reach, onCall);
    guardCalls(made, { milliseconds: patience, ping: () => get("/_ping") });
    return made;
  };
  return {
    endpoint,
    local: "socketPath" in reach,
    patience,
    client: () => (client ??= guardedClient()),
    get,
  };
}

function patienceOf(env: Environment): number {
  const given = env["ENGINE_TIMEOUT"];
  if (!given) return 60_000;
  const seconds = Number(given);
  if (seconds > 0 && seconds <= 86_400) return seconds * 1000;
  throw new ReynsError(
    "INVALID_VALUE",
    `ENGINE_TIMEOUT is "${given}", which is no number of seconds`,
    {
      hint: "for example ENGINE_TIMEOUT=60",
    },
  );
}

/** How the Engine is reached: a socket, or a host with or without certificates. */
type Reach =
  | { readonly socketPath: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly certificates: Certificates | undefined;
    };

interface Certificates {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

async function createClient(reach: Reach, onCall: (call: EngineCall) => void): Promise<Docker> {
  // docker-modem takes addresses apart with url.parse, which Bun remarks upon to whoever uses Reyns.
  process.noDeprecation = true;
  const { default: Client } = await import("dockerode");
  const client = new Client(clientOptions(reach));
  watchCalls(client, onCall);
  return client;
}

function clientOptions(reach: Reach): Docker.DockerOptions {
  if ("socketPath" in reach) return { socketPath: reach.socketPath };
  const { host, port, certificates } = reach;
  return { host, port, protocol: certificates ? "https" : "http", ...certificates };
}

function fetchFrom(reach: Reach, path: string): Promise<Response> {
  if ("socketPath" in reach) return fetch(`http://engine${path}`, { unix: reach.socketPath });
  const { host, port, certificates } = reach;
  if (!certificates) return fetch(`http://${host}:${port}${path}`);
  return fetch(`https://${host}:${port}${path}`, { tls: certificates });
}

function endpointOf(env: Environment): string {
  if (env["DOCKER_HOST"])
    return env["DOCKER_HOST"].includes("://") ? env["DOCKER_HOST"] : `tcp://${env["DOCKER_HOST"]}`;
  const config = env["DOCKER_CONFIG"] || join(env["HOME"] || homedir(), ".docker");
  const context = env["DOCKER_CONTEXT"] || currentContext(config);
  return context && context !== "default" ? contextEndpoint(config, context) : defaultSocket(env);
}

function currentContext(config: string): string | undefined {
  const file = join(config, "config.json");
  if (!existsSync(file)) return undefined;
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { currentContext?: string }).currentContext;
  } catch (cause) {
    throw new ReynsError("NO_ENGINE", "Docker's own configuration is not valid JSON", {
      at: { file },
      hint: "mend it, or set DOCKER_HOST",
      cause,
    });
  }
}

/** Docker keeps a context in a folder named by the SHA-256 of its name. */
function contextEndpoint(config: string, context: string): string {
  const file = join(
    config,
    "contexts",
    "meta",
    createHash("sha256").update(context).digest("hex"),
    "meta.json",
  );
  if (!existsSync(file)) {
    throw new ReynsError("NO_ENGINE", `there is no docker context "${context}"`, {
      hint: "set DOCKER_CONTEXT or DOCKER_HOST to one that exists",
    });
  }
  const meta = JSON.parse(readFileSync(file, "utf8")) as {
    Endpoints?: { docker?: { Host?: string } };
  };
  return meta.Endpoints?.docker?.Host ?? defaultSocket({});
}

function defaultSocket(env: Environment): string {
  const home = env["HOME"] || homedir();
  const candidates = [
    "/var/run/docker.sock",
    join(home, ".docker/run/docker.sock"),
    join(env["XDG_RUNTIME_DIR"] || "/run/user/0", "docker.sock"),
  ];
  return `unix://${candidates.find((path) => existsSync(path)) ?? candidates[0]}`;
}

function reachOf(endpoint: string, env: Environment): Reach {
  if (endpoint.startsWith("unix://")) return { socketPath: endpoint.slice("unix://".length) };
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  // A URL may hold more than the name of a host, and nothing else can be asked for then.
  if (
    !url ||
    !/^[\w.-]+$|^\[[\da-f:.]+\]$/i.test(url.hostname) ||
    !["tcp:", "http:", "https:"].includes(url.protocol)
  ) {
    throw new ReynsError("NO_ENGINE", `an Engine at ${endpoint} cannot be reached`, {
      hint: "accepted for now: unix:///PATH and tcp://HOST:PORT",
    });
  }
  const secure = url.protocol === "https:" || Boolean(env["DOCKER_TLS_VERIFY"]);
  const certificates = secure ? readCertificates(env) : undefined;
  const port = Number(url.port) || (secure ? 2376 : 2375);
  return { host: url.hostname, port, certificates };
}

/** Whoever wants TLS gets it or an error: never a plain connection instead. */
function readCertificates(env: Environment): Certificates {
  const folder = env["DOCKER_CERT_PATH"] || join(env["HOME"] || homedir(), ".docker");
  const read = (name: string): Buffer => {
    const file = join(folder, name);
    if (existsSync(file)) return readFileSync(file);
    const hint = "DOCKER_CERT_PATH names the folder with ca.pem, cert.pem and key.pem";
    throw new ReynsError("NO_ENGINE", `no certificate for the Engine: ${file} is not there`, {
      hint,
    });
  };
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}

interface Dial {
  dial(request: { method: string; path: string }, callback: (...results: unknown[]) => void): void;
}

function watchCalls(client: Docker, onCall: (call: EngineCall) => void): void {
  const modem = client.modem as Dial;
  const dial = modem.dial.bind(modem);
  modem.dial = (request, callback) => {
    const start = performance.now();
    dial(request, (...results) => {
      onCall({
        method: request.method,
        path: request.path,
        milliseconds: performance.now() - start,
      });
      callback(...results);
    });
  };
}
