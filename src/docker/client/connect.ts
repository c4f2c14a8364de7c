import type Docker from "dockerode";
import { ReynsError } from "../../errors.ts";
import { parsePing, type EngineFeatures } from "./api-version.ts";
import { findEndpoint, type Endpoint } from "./endpoint.ts";
import { guardClient, withTimeout, type EngineTimeout } from "./timeouts.ts";
import { dockerodeOptions, fetchFromEngine, openTransport, type Transport } from "./transport.ts";
import type { StreamReader, Upgraded } from "./upgrade.ts";
import type { Environment } from "../../lib/environment.ts";

/** A Docker Engine that can be asked. Only this folder looks inside. */
export interface Engine {
  /** For what has a stream in it: builds, copies, sessions. Loaded when it is first needed, which takes 13 ms. */
  readonly client: () => Promise<Docker>;
  /** One request and its answer, without the client: that is what nearly all calls are. */
  readonly send: (request: EngineRequest) => Promise<Response>;
  /** A POST that turns its connection into a stream of bytes, which are passed on as they come. */
  readonly attach: (path: string, reading: StreamReader) => Promise<Upgraded>;
  /** What it has said of itself; asked once. */
  readonly features: () => Promise<EngineFeatures>;
  /** As a person would write it in DOCKER_HOST. */
  readonly endpoint: string;
  /** True when the Engine runs on this machine, so that its bridges and paths are ours too. */
  readonly local: boolean;
  /** How long it may be silent: `ENGINE_TIMEOUT`, which is in seconds, else a minute. */
  readonly timeout: EngineTimeout;
  /** The caller's environment, in which Docker's configuration is found. */
  readonly env: Environment;
}

/** One request to the Engine. */
export interface EngineRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With its query, and without a version of the API. */
  readonly path: string;
  /** Sent as JSON; bytes are a tar. */
  readonly body?: object | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The same in all versions of the API that are spoken here: no greeting has to come first. */
  readonly versionless?: boolean;
}

/** One request as it was sent, for `LOG_LEVEL=DEBUG`. */
export interface EngineCall {
  readonly method: string;
  readonly path: string;
  readonly milliseconds: number;
}

/** What a caller sees of the connection. */
export interface ConnectOptions {
  readonly onCall?: ((call: EngineCall) => void) | undefined;
  /** Sees what takes a while: the way to an Engine on another machine. */
  readonly whileConnecting?: (<Value>(coming: Promise<Value>) => Promise<Value>) | undefined;
}

/** A way to an Engine, and the version of its API that is spoken on it. */
interface Connection {
  readonly to: Transport;
  readonly greeting: EngineFeatures;
}

/**
 * The Engine that DOCKER_HOST, DOCKER_CONTEXT, the current docker context or the default socket names, in this order.
 * Nothing is sent yet.
 *
 * @throws ReynsError NO_ENGINE when what they say cannot be understood
 */
export async function connectEngine(
  env: Environment,
  { onCall = () => {}, whileConnecting = (coming) => coming }: ConnectOptions,
): Promise<Engine> {
  const endpoint = await findEndpoint(env);
  const milliseconds = patienceOf(env);
  const request = requesting(onCall);
  const ping = (to: Transport): Promise<Response> => request(to, { method: "GET", path: "/_ping" });
  const way = once(() => wayTo(endpoint, milliseconds, whileConnecting));
  const patience: EngineTimeout = { milliseconds, ping: async () => ping(await way()) };
  const connected = once(async (): Promise<Connection> => {
    const to = await way();
    const answer = await whileConnecting(withTimeout(milliseconds, ping(to)));
    return { to, greeting: parsePing(answer, endpoint.address) };
  });
  const client = once(async (): Promise<Docker> => {
    const guarded = await createClient(await connected(), onCall);
    guardClient(guarded, patience);
    return guarded;
  });
  return {
    env,
    endpoint: endpoint.address,
    local: endpoint.kind === "socket",
    timeout: patience,
    client,
    attach: async (path, reading) => {
      const { to, greeting } = await connected();
      // Most commands attach to nothing.
      const { upgrade } = await import("./upgrade.ts");
      return timed({ method: "POST", path }, onCall, () =>
        upgrade(to, `/v${greeting.apiVersion}${path}`, reading),
      );
    },
    send: async ({ versionless: isTimeless = false, ...asked }) => {
      if (isTimeless) {
        const answer = await request(await way(), asked);
        parsePing(answer, endpoint.address);
        return answer;
      }
      const { to, greeting } = await connected();
      return request(to, asked, `/v${greeting.apiVersion}`);
    },
    features: async () => (await connected()).greeting,
  };
}

/** Only ssh has to get there first. */
function wayTo(
  endpoint: Endpoint,
  milliseconds: number,
  whileConnecting: NonNullable<ConnectOptions["whileConnecting"]>,
): Promise<Transport> {
  const coming = openTransport(endpoint);
  return endpoint.kind === "ssh" ? whileConnecting(withTimeout(milliseconds, coming)) : coming;
}

/** Sends requests, and tells of each. */
function requesting(
  onCall: OnCall,
): (to: Transport, asked: EngineRequest, version?: string) => Promise<Response> {
  return (to, { method, path, body, signal }, version = "") => {
    const init = { method, ...(signal && { signal }), ...contentOf(body) };
    return timed({ method, path }, onCall, () => fetchFromEngine(to, `${version}${path}`, init));
  };
}

type OnCall = (call: EngineCall) => void;

/** Tells of a call when it is over, however that was. */
async function timed<Value>(
  call: Pick<EngineCall, "method" | "path">,
  onCall: OnCall,
  work: () => Promise<Value>,
): Promise<Value> {
  const start = performance.now();
  try {
    return await work();
  } finally {
    onCall({ ...call, milliseconds: performance.now() - start });
  }
}

function contentOf(body: object | undefined): Pick<RequestInit, "body" | "headers"> {
  if (body === undefined) return {};
  if (isTar(body)) return { body, headers: { "Content-Type": "application/x-tar" } };
  return { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

/** Bytes are; everything else is sent as JSON. */
export function isTar(body: object | undefined): body is Uint8Array<ArrayBuffer> {
  return body instanceof Uint8Array;
}

/** What is made when it is first asked for. After a failure whoever asks again may find it there. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
}

function patienceOf(env: Environment): number {
  const given = env["ENGINE_TIMEOUT"];
  if (!given) return 60_000;
  const seconds = Number(given);
  if (seconds > 0 && seconds <= 86_400) return seconds * 1000;
  const message = `ENGINE_TIMEOUT is "${given}", which is no number of seconds`;
  throw new ReynsError("INVALID_VALUE", message, { hint: "for example ENGINE_TIMEOUT=60" });
}

async function createClient({ to, greeting }: Connection, onCall: OnCall): Promise<Docker> {
  // docker-modem takes addresses apart with url.parse, which Bun remarks upon to whoever uses Reyns.
  process.noDeprecation = true;
  const { default: Client } = await import("dockerode");
  const options = { ...dockerodeOptions(to), version: `v${greeting.apiVersion}` };
  const client = withoutDockerHost(() => new Client(options));
  watchCalls(client, onCall);
  return client;
}

/** docker-modem understands DOCKER_HOST in its own way, and adds that to what it is told. */
function withoutDockerHost<Made>(make: () => Made): Made {
  const { DOCKER_HOST: host } = process.env;
  delete process.env["DOCKER_HOST"];
  try {
    return make();
  } finally {
    if (host !== undefined) process.env["DOCKER_HOST"] = host;
  }
}

interface Dial {
  dial(request: { method: string; path: string }, callback: (...results: unknown[]) => void): void;
}

function watchCalls(client: Docker, onCall: OnCall): void {
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
