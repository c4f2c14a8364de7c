import type Docker from "dockerode";
import { ReynsError } from "../../errors.ts";
import type { Environment } from "../../lib/environment.ts";
import { parsePing, type EngineFeatures } from "./api-version.ts";
import { findEndpoint, type Endpoint } from "./endpoint.ts";
import { isTar, type Engine, type EngineCall, type EngineRequest, type OnCall } from "./engine.ts";
import { withTimeout, type EngineTimeout } from "./timeouts.ts";
import { fetchFromEngine, openTransport, type Transport } from "./transport.ts";

type ShowProgress = <Value>(pending: Promise<Value>) => Promise<Value>;

export interface ConnectOptions {
  readonly onCall?: OnCall | undefined;
  /** Wraps what may take a while: connecting to an Engine on another machine. */
  readonly whileConnecting?: ShowProgress | undefined;
}

/** An open transport and the API version to use on it. */
interface Connection {
  readonly transport: Transport;
  readonly features: EngineFeatures;
}

/** Opens the transport and negotiates the API version on first use. */
interface Connector {
  readonly transport: () => Promise<Transport>;
  readonly connection: () => Promise<Connection>;
  readonly timeout: EngineTimeout;
}

type Send = (transport: Transport, request: EngineRequest, version?: string) => Promise<Response>;

/**
 * Finds the Engine: by DOCKER_HOST, DOCKER_CONTEXT, the current docker context, or the default socket, in this order.
 * Sends nothing yet.
 *
 * @throws ReynsError NO_ENGINE when one of these is invalid
 */
export async function connectEngine(
  env: Environment,
  { onCall = () => {}, whileConnecting = (pending) => pending }: ConnectOptions,
): Promise<Engine> {
  const endpoint = await findEndpoint(env);
  const send = createSender(onCall);
  const connector = createConnector(endpoint, readTimeout(env), send, whileConnecting);
  const { timeout, connection } = connector;
  return {
    env,
    endpoint: endpoint.address,
    local: endpoint.kind === "socket",
    timeout,
    client: cached(async (): Promise<Docker> => {
      const { createClient } = await import("./dockerode.ts");
      const { transport, features } = await connection();
      return createClient(transport, { apiVersion: features.apiVersion, timeout, onCall });
    }),
    attach: async (path, reader) => {
      const { transport, features } = await connection();
      // Few commands attach to anything.
      const { upgrade } = await import("./upgrade.ts");
      return timed({ method: "POST", path }, onCall, () =>
        upgrade(transport, `/v${features.apiVersion}${path}`, reader),
      );
    },
    download: (path, signal) => downloadFrom(connector, path, { signal, onCall }),
    send: async ({ versionless = false, ...request }) => {
      if (versionless) {
        const answer = await send(await connector.transport(), request);
        parsePing(answer, endpoint.address);
        return answer;
      }
      const { transport, features } = await connection();
      return send(transport, request, `/v${features.apiVersion}`);
    },
    ...waysThroughSsh(endpoint, connector),
    features: async () => (await connection()).features,
  };
}

function createConnector(
  endpoint: Endpoint,
  milliseconds: number,
  send: Send,
  whileConnecting: ShowProgress,
): Connector {
  const ping = (transport: Transport): Promise<Response> =>
    send(transport, { method: "GET", path: "/_ping" });
  const open = cached(() => openWithTimeout(endpoint, milliseconds, whileConnecting));
  return {
    transport: open,
    timeout: {
      milliseconds,
      probe: async () => {
        const answer = await send(await open(), {
          method: "GET",
          path: "/containers/json?limit=1",
        });
        return answer.arrayBuffer();
      },
    },
    connection: cached(async () => {
      const transport = await open();
      const answer = await whileConnecting(withTimeout(milliseconds, ping(transport)));
      return { transport, features: parsePing(answer, endpoint.address) };
    }),
  };
}

type Ways = Pick<Engine, "forward" | "offer" | "hostAddresses" | "sharedEnvironment">;

/** What an Engine has that is reached by ssh. */
function waysThroughSsh({ kind }: Endpoint, { transport }: Connector): Ways {
  if (kind !== "ssh") return { forward: undefined, sharedEnvironment: async () => ({}) };
  return {
    forward: async (...target) => {
      const { forward } = await tunnelOf(transport);
      if (!forward) throw new Error("a rootless Engine's machine does not reach its containers");
      return forward(...target);
    },
    offer: async (port, signal) => {
      const { offer } = await tunnelOf(transport);
      if (!offer) throw new Error("a rootless Engine does not reach the ports of its machine");
      return offer(port, signal);
    },
    hostAddresses: async () => {
      const { addresses = [] } = await tunnelOf(transport);
      return addresses.length > 0 ? addresses : undefined;
    },
    sharedEnvironment: async () => {
      const { socketPath } = await tunnelOf(transport);
      return { DOCKER_HOST: `unix://${socketPath}` };
    },
  };
}

async function tunnelOf(
  open: Connector["transport"],
): Promise<Extract<Transport, { socketPath: string }>> {
  const transport = await open();
  if ("socketPath" in transport) return transport;
  throw new Error("an ssh connection without a socket");
}

/** Only ssh takes time to connect. */
function openWithTimeout(
  endpoint: Endpoint,
  milliseconds: number,
  whileConnecting: ShowProgress,
): Promise<Transport> {
  const pending = openTransport(endpoint);
  return endpoint.kind === "ssh" ? whileConnecting(withTimeout(milliseconds, pending)) : pending;
}

async function* downloadFrom(
  { connection }: Connector,
  path: string,
  { signal, onCall }: { readonly signal: AbortSignal; readonly onCall: OnCall },
): AsyncGenerator<Buffer> {
  const { transport, features } = await connection();
  const { download } = await import("./download.ts");
  const start = performance.now();
  try {
    yield* download(transport, `/v${features.apiVersion}${path}`, signal);
  } finally {
    onCall({ method: "GET", path, milliseconds: performance.now() - start });
  }
}

function createSender(onCall: OnCall): Send {
  return (transport, { method, path, body, signal }, version = "") => {
    const init = { method, ...(signal && { signal }), ...encodeBody(body) };
    return timed({ method, path }, onCall, () =>
      fetchFromEngine(transport, `${version}${path}`, init),
    );
  };
}

/** Reports a call when it ends, successful or not. */
async function timed<Value>(
  call: Pick<EngineCall, "method" | "path">,
  onCall: OnCall,
  send: () => Promise<Value>,
): Promise<Value> {
  const start = performance.now();
  try {
    return await send();
  } finally {
    onCall({ ...call, milliseconds: performance.now() - start });
  }
}

function encodeBody(body: object | undefined): RequestInit {
  if (body === undefined) return {};
  if (isTar(body)) return { body, headers: { "Content-Type": "application/x-tar" } };
  return { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

/** Creates a value on first use. A failure is not cached. */
function cached<Value>(create: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined;
  return () =>
    (value ??= create().catch((error: unknown) => {
      value = undefined;
      throw error;
    }));
}

/** Milliseconds. */
function readTimeout(env: Environment): number {
  const text = env["ENGINE_TIMEOUT"];
  if (!text) return 60_000;
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 86_400) return seconds * 1000;
  throw new ReynsError("INVALID_VALUE", `ENGINE_TIMEOUT is not a number of seconds: "${text}"`, {
    hint: "for example ENGINE_TIMEOUT=60",
  });
}
