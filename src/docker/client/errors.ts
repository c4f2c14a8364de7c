import type Docker from "dockerode";
import { ReynsError } from "../../errors.ts";
import type { Engine } from "./engine.ts";
import { isEngineError, protocolCode, type EngineError } from "./http-error.ts";
import { isConnectionLost, timeoutCode } from "./timeouts.ts";

type ClientCall<Answer> = (client: Docker) => Promise<Answer>;

/** System calls on files: their errors are not about the connection. */
const fileCalls = new Set(["open", "scandir", "stat", "lstat", "readlink", "mkdir"]);

const unreachable: Readonly<Record<string, string>> = {
  ENOENT: "the socket does not exist",
  ECONNREFUSED: "connection refused",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOTFOUND: "unknown host",
  EAI_AGAIN: "the host name cannot be resolved right now",
  FailedToOpenSocket: "connection failed",
  ConnectionRefused: "connection refused",
  ECONNRESET: "the connection was closed",
  EPIPE: "the connection was closed",
  ETIMEDOUT: "the connection timed out",
  EHOSTUNREACH: "the host is unreachable",
  ENETUNREACH: "the network is unreachable",
  EPROTO: "the TLS handshake failed",
  Malformed_HTTP_Response: "something else answers there",
};

/**
 * Calls the Engine through dockerode and translates its errors.
 *
 * @throws ReynsError NO_ENGINE when the Engine cannot be reached, ENGINE_REFUSED when it answers with an error
 */
export async function withClient<Answer>(
  engine: Engine,
  call: ClientCall<Answer>,
): Promise<Answer> {
  try {
    return await call(await engine.client());
  } catch (error) {
    throw translateError(engine, error);
  }
}

/** Like `withClient`, but resolves to undefined when the Engine answers 404. */
export async function withClientIfExists<Answer>(
  engine: Engine,
  call: ClientCall<Answer>,
): Promise<Answer | undefined> {
  try {
    return await withClient(engine, call);
  } catch (error) {
    if (errorStatus(error) === 404) return undefined;
    throw error;
  }
}

/** The HTTP status of an Engine's error; undefined for any other error. */
export function errorStatus(error: unknown): number | undefined {
  const cause = error instanceof ReynsError ? error.cause : error;
  if (!isEngineError(cause)) return undefined;
  // Podman 4 answers 500 when a container's name is taken, or when it exits before an exec in it, and Docker when a
  // container exits just before an exec in it starts.
  const isConflict =
    /container name \S+ is already in use|container \S+ is not running|exec sessions on running containers/i;
  if (isConflict.test(cause.message)) return 409;
  // They answer 500 when something goes between two looks of their own: Docker 20.10 an image, Podman 4 a container.
  const isGone = /unrecognized image ID|does not exist in database: no such container/;
  return isGone.test(cause.message) ? 404 : cause.statusCode;
}

/** The connection ended before the answer was complete: the Engine may or may not have acted. */
export function lostConnection(error: unknown): boolean {
  return isConnectionLost(error instanceof ReynsError ? error.cause : error);
}

/** Turns a failed call into a ReynsError; returns unexpected errors unchanged. */
export function translateError(engine: Engine, error: unknown): unknown {
  if (isEngineError(error)) {
    const message = `the Docker Engine refused: ${messageOf(error)}`;
    return new ReynsError("ENGINE_REFUSED", message, { cause: error });
  }
  const { code = "", syscall = "" } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === timeoutCode) return timedOut(engine, error);
  if (code === protocolCode) return notAnEngine(engine, error as Error);
  const reason = fileCalls.has(syscall) ? undefined : (unreachable[code] ?? certificateError(code));
  if (reason === undefined) return error;
  return new ReynsError("NO_ENGINE", `no Docker Engine at ${engine.endpoint}: ${reason}`, {
    hint: hintFor(code, engine),
    cause: error,
  });
}

function messageOf({ json, message }: EngineError): string {
  if (json && "message" in json && typeof json.message === "string") return json.message;
  // dockerode prefixes the Engine's message.
  return message.replace(/^\(HTTP code \d+\) .*? - /, "").trim();
}

function timedOut({ endpoint, timeout }: Engine, cause: unknown): ReynsError {
  const message = `the Docker Engine at ${endpoint} has not answered for ${timeout.milliseconds / 1000} s`;
  const hint =
    "check whether it hangs (docker ps) and restart it (sudo systemctl restart docker), or wait longer: ENGINE_TIMEOUT=SECONDS";
  return new ReynsError("NO_ENGINE", message, { hint, cause });
}

function notAnEngine({ endpoint }: Engine, cause: Error): ReynsError {
  const message = `no Docker Engine at ${endpoint}: ${cause.message}`;
  const hint =
    "something else may answer there; DOCKER_HOST or the docker context sets the address";
  return new ReynsError("NO_ENGINE", message, { hint, cause });
}

/** OpenSSL's codes for certificate problems: `CERT_HAS_EXPIRED`, `UNABLE_TO_VERIFY_LEAF_SIGNATURE`. */
function certificateError(code: string): string | undefined {
  if (!/CERT|SIGNATURE|SSL|TLS|CRL/.test(code)) return undefined;
  return `certificate rejected (${code})`;
}

function hintFor(code: string, { local }: Engine): string {
  if (code === "EACCES" || code === "EPERM")
    return 'join the group "docker" (sudo usermod -aG docker "$USER", then log in again)';
  if (code === "EPROTO" || certificateError(code) !== undefined)
    return "set DOCKER_CERT_PATH to the folder with this Engine's ca.pem, cert.pem and key.pem";
  if (!local)
    return "check that the Engine is running and listens on this address; DOCKER_HOST or the docker context sets it";
  return "start it (sudo systemctl start docker), install it (Debian, Ubuntu: sudo apt-get install docker.io), or set DOCKER_HOST";
}
