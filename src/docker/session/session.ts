import { Duplex } from "node:stream";
import type { Engine } from "../client/engine.ts";
import type { Upgraded } from "../client/upgrade.ts";
import { attachStream } from "../client/request.ts";
import { serveGrpc, type GrpcHandler } from "./grpc-server.ts";
import { credentialsService } from "./credentials-service.ts";
import { healthService, secretsService } from "./services.ts";
import { agentService } from "./agent-service.ts";

/** What BuildKit may ask this side for during a build. */
export interface SessionContent {
  /** By their ids in `RUN --mount=type=secret`. */
  readonly secrets?: ReadonlyMap<string, Uint8Array> | undefined;
  /** Sockets of ssh agents, by their ids in `RUN --mount=type=ssh`. */
  readonly agents?: ReadonlyMap<string, string> | undefined;
}

/** A connection over which BuildKit calls back while it builds. */
export interface BuildSession {
  /** For the parameter `session` of the build. */
  readonly id: string;
  readonly close: () => void;
}

/**
 * Opens a session: a connection to the Engine on which this side is the server, of gRPC over HTTP/2. Registry credentials
 * are looked up when BuildKit asks for them.
 *
 * @throws ReynsError NO_ENGINE, ENGINE_REFUSED
 * @see https://docs.docker.com/reference/api/engine/ (initialize interactive session)
 */
export async function openSession(
  engine: Engine,
  { secrets = new Map(), agents = new Map() }: SessionContent,
): Promise<BuildSession> {
  const handlers: ReadonlyMap<string, GrpcHandler> = new Map([
    ...healthService(),
    ...credentialsService(engine.env),
    ...(secrets.size > 0 ? secretsService(secrets) : []),
    ...(agents.size > 0 ? agentService(agents) : []),
  ]);
  const id = crypto.randomUUID();
  const opening = Promise.withResolvers<Upgraded>();
  const connection = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _, done) => void opening.promise.then(({ write }) => write(chunk, done)),
  });
  const stream = await attachStream(engine, "/session", (bytes) => void connection.push(bytes), {
    protocol: "h2c",
    headers: sessionHeaders(id, [...handlers.keys()]),
  });
  opening.resolve(stream);
  void stream.ended.then(() => connection.destroy());
  serveGrpc(connection, handlers);
  return { id, close: stream.close };
}

/** The Engine calls only the methods that are named here. */
function sessionHeaders(id: string, methods: readonly string[]): string[] {
  return [
    `X-Docker-Expose-Session-Uuid: ${id}`,
    "X-Docker-Expose-Session-Name: reyns",
    ...methods.map((method) => `X-Docker-Expose-Session-Grpc-Method: ${method}`),
  ];
}
