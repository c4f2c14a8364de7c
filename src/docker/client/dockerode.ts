import type { IncomingMessage } from "node:http";
import { Agent } from "node:https";
import type { Duplex } from "node:stream";
import { callbackify } from "node:util";
import modemHttp from "docker-modem/lib/http.js";
import Docker from "dockerode";
import { parseJsonAnswer, readBytes } from "./answers.ts";
import type { OnCall } from "./engine.ts";
import { protocolError } from "./http-error.ts";
import { onTimeout, timeoutError, withTimeoutAndRetry, type EngineTimeout } from "./timeouts.ts";
import type { Transport } from "./transport.ts";

/** A request as docker-modem takes it. */
interface ModemRequest {
  readonly method: string;
  readonly path: string;
  readonly isStream?: boolean;
  readonly hijack?: boolean;
  readonly file?: unknown;
  readonly abortSignal?: AbortSignal;
}

interface Modem {
  dial(request: ModemRequest, callback: (error: unknown, answer: unknown) => void): void;
}

interface ClientOptions {
  /** Such as "1.41". */
  readonly apiVersion: string;
  readonly timeout: EngineTimeout;
  readonly onCall: OnCall;
}

/** Creates a dockerode client whose calls are logged, time out, and are retried like all others. */
export function createClient(transport: Transport, options: ClientOptions): Docker {
  // docker-modem parses addresses with url.parse, for which Bun prints a deprecation warning.
  process.noDeprecation = true;
  // A redirect leads off the Engine's socket, to anywhere.
  modemHttp.maxRedirects = 0;
  const version = `v${options.apiVersion}`;
  const client = withoutDockerHost(() => new Docker({ ...dockerodeOptions(transport), version }));
  guardCalls(client.modem as Modem, options);
  return client;
}

/** docker-modem merges DOCKER_HOST into its options, in its own way. */
function withoutDockerHost<Client>(create: () => Client): Client {
  const { DOCKER_HOST: host } = process.env;
  delete process.env["DOCKER_HOST"];
  try {
    return create();
  } finally {
    if (host !== undefined) process.env["DOCKER_HOST"] = host;
  }
}

function dockerodeOptions(transport: Transport): Docker.DockerOptions & { readonly agent?: Agent } {
  if ("socketPath" in transport) return { socketPath: transport.socketPath };
  const { host, port, certificates } = transport;
  if (!certificates) return { host, port, protocol: "http" };
  return { host, port, protocol: "https", ...certificates, agent: new Agent(certificates) };
}

function guardCalls(modem: Modem, { timeout, onCall }: ClientOptions): void {
  const send = loggedDial(modem, onCall);
  modem.dial = callbackify((request: ModemRequest): Promise<unknown> => {
    const { method, path, isStream = false, hijack = false, file, abortSignal } = request;
    const call = { method, path, isStream, isUpload: file !== undefined, signal: abortSignal };
    return withTimeoutAndRetry(call, timeout, async (signal) => {
      // docker-modem never notices a body that is cut short, so it is read here.
      const stream = await send({ ...request, isStream: true, abortSignal: signal });
      if (!isStream && !hijack) return readBody(stream as IncomingMessage);
      destroyOnTimeout(stream as Duplex, timeout);
      return stream;
    });
  });
}

/** The modem's own `dial`, as a promise. */
function loggedDial(modem: Modem, onCall: OnCall): (request: ModemRequest) => Promise<unknown> {
  const dial = modem.dial.bind(modem);
  return (request) => {
    const { method, path } = request;
    const start = performance.now();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    dial(request, (error, answer) => {
      onCall({ method, path, milliseconds: performance.now() - start });
      if (error)
        reject(isRedirect(error) ? protocolError("it redirects to another address") : error);
      else resolve(answer);
    });
    return promise;
  };
}

function isRedirect(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Max redirects exceeded");
}

async function readBody(answer: IncomingMessage): Promise<unknown> {
  const body = await readBytes(answer as AsyncIterable<Buffer>);
  const isJson = /json/.test(answer.headers["content-type"] ?? "");
  return isJson && body.length > 0 ? parseJsonAnswer(body.toString()) : body;
}

/** Ends a stream with an error when the Engine stops answering; otherwise it would never end. */
function destroyOnTimeout(stream: Duplex, timeout: EngineTimeout): void {
  const stop = onTimeout({ ...timeout, quick: false }, () =>
    stream.destroy(timeoutError(timeout.milliseconds)),
  );
  for (const end of ["end", "close", "error"]) stream.once(end, stop);
}
