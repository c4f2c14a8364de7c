import type Docker from "dockerode";
import type { ReynsError } from "../../errors.ts";
import type { Environment } from "../../lib/environment.ts";
import type { HostAddress } from "../../model/networks.ts";
import type { EngineFeatures } from "./api-version.ts";
import type { EngineTimeout } from "./timeouts.ts";
import type { ForwardPort, OfferPort } from "./transport.ts";
import type { StreamReader, Upgraded } from "./upgrade.ts";

/** A connection to a Docker Engine. Only src/docker uses its members. */
export interface Engine {
  /** dockerode, for builds, copies and sessions. Loaded on first use, which takes 13 ms. */
  readonly client: () => Promise<Docker>;
  /** Sends one request without dockerode: enough for most calls. */
  readonly send: (request: EngineRequest) => Promise<Response>;
  /** Sends a POST that turns its connection into a stream of bytes. */
  readonly attach: (path: string, reader: StreamReader) => Promise<Upgraded>;
  /** Sends a GET and yields the bytes of a long answer as they come. */
  readonly download: (path: string, signal: AbortSignal) => AsyncGenerator<Buffer>;
  /** The Engine's API version and builder; requested once. */
  readonly features: () => Promise<EngineFeatures>;
  /** As written in DOCKER_HOST. */
  readonly endpoint: string;
  /** The Engine runs on this machine, so its bridges and paths are this machine's too. */
  readonly local: boolean;
  /** Forwards what its machine reaches to this one; undefined without ssh. */
  readonly forward: ForwardPort | undefined;
  /** Lets its machine reach a port of this one; undefined without ssh. */
  readonly offer?: OfferPort | undefined;
  /** The addresses of its machine, where that is reached by ssh and can tell. */
  readonly hostAddresses?: (() => Promise<readonly HostAddress[] | undefined>) | undefined;
  /** Variables that let another process on this machine use the same connection: over ssh, a second one is a login. */
  readonly sharedEnvironment: () => Promise<Environment>;
  /** How long it may stay silent: `ENGINE_TIMEOUT` seconds, otherwise a minute. */
  readonly timeout: EngineTimeout;
  /** Finds the Engine of another node that has a container, as far as it has been listed, where this is one of several. */
  readonly ownerOf?: (container: string) => Engine | undefined;
  /** The Engines of several nodes that this one stands for. */
  readonly fleet?: Fleet;
  /** The caller's environment, which locates Docker's configuration. */
  readonly env: Environment;
}

/** One of several Engines, under the name of its node. */
export interface FleetMember {
  readonly name: string;
  readonly engine: Engine;
}

export interface Fleet {
  readonly members: readonly FleetMember[];
  /** The node that builds and pushes for all: it may not be a member. */
  readonly builder: string;
  /** Why the other nodes are not among them. */
  readonly unreachable: readonly ReynsError[];
  /** The Engine that has a container. */
  readonly engineOf: (container: string) => Engine;
}

/** One request to the Engine. */
export interface EngineRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** With its query, without an API version. */
  readonly path: string;
  /** Sent as JSON; bytes and streams of bytes are sent as a tar. */
  readonly body?: object | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The same in all supported API versions, so it need not wait for the version negotiation. */
  readonly versionless?: boolean;
}

/** One request as it was sent, for `LOG_LEVEL=DEBUG`. */
export interface EngineCall {
  readonly method: string;
  readonly path: string;
  readonly milliseconds: number;
}

export type OnCall = (call: EngineCall) => void;

/** Bytes are a tar; everything else is sent as JSON. */
export function isTar(
  body: object | undefined,
): body is Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
  return body instanceof Uint8Array || body instanceof ReadableStream;
}
