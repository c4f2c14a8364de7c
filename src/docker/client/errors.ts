import { ReynsError } from "../../errors.ts";
import type Docker from "dockerode";
import type { Engine } from "./connect.ts";
import { isConnectionLost, timeoutCode } from "./timeouts.ts";

/** What is thrown when the Engine answers with an error status; dockerode throws the same. */
interface EngineError extends Error {
  statusCode: number;
  json?: { message?: string } | Buffer;
}

type Question<Answer> = (client: Docker) => Promise<Answer>;

const fileCalls = new Set(["open", "scandir", "stat", "lstat", "readlink", "mkdir"]);

const unreachable: Readonly<Record<string, string>> = {
  ENOENT: "nothing is there",
  ECONNREFUSED: "nothing answers there",
  EACCES: "this user may not use it",
  EPERM: "this user may not use it",
  ENOTFOUND: "the host is not known",
  EAI_AGAIN: "no name server tells where it is",
  FailedToOpenSocket: "nothing answers there",
  ConnectionRefused: "nothing answers there",
  ECONNRESET: "it went away",
  EPIPE: "it went away",
  ETIMEDOUT: "it does not answer",
  EPROTO: "it does not agree to TLS with these certificates",
  Malformed_HTTP_Response: "what answers there is no Docker Engine",
};

/**
 * Asks the Engine something; what goes wrong becomes an error for people.
 *
 * @throws ReynsError NO_ENGINE when it cannot be reached, ENGINE_REFUSED when it refuses
 */
export async function withClient<Answer>(
  engine: Engine,
  question: Question<Answer>,
): Promise<Answer> {
  try {
    return await question(await engine.client());
  } catch (error) {
    throw translateError(engine, error);
  }
}

/** The HTTP status with which the Engine refused; undefined for any other error. */
export function errorStatus(error: unknown): number | undefined {
  const cause = error instanceof ReynsError ? error.cause : error;
  if (!isEngineError(cause)) return undefined;
  // Podman 4 says 500 when a container's name is taken.
  const isTaken = /the container name \S+ is already in use/.test(cause.message);
  return isTaken ? 409 : cause.statusCode;
}

/** The connection ended before the answer was whole: what was asked for may be done or not. */
export function lostConnection(error: unknown): boolean {
  return isConnectionLost(error instanceof ReynsError ? error.cause : error);
}

/** Asks the Engine something; `undefined` when the Engine says that the thing is not there. */
export async function withClientIfExists<Answer>(
  engine: Engine,
  question: Question<Answer>,
): Promise<Answer | undefined> {
  try {
    return await withClient(engine, question);
  } catch (error) {
    if (errorStatus(error) === 404) return undefined;
    throw error;
  }
}

/** What went wrong with a call, in words for people; a defect stays as it is. */
export function translateError(engine: Engine, error: unknown): unknown {
  if (isEngineError(error)) {
    const own = error.json && "message" in error.json ? error.json.message : undefined;
    // Its client puts words of its own before the Engine's.
    const message = own ?? error.message.replace(/^\(HTTP code \d+\) .*? - /, "").trim();
    return new ReynsError("ENGINE_REFUSED", `the Docker Engine refused: ${message}`, {
      cause: error,
    });
  }
  const { code = "", syscall = "" } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === timeoutCode) return fellSilent(engine, error);
  // Of the file system's faults none says anything of the Engine.
  const why = fileCalls.has(syscall) ? undefined : (unreachable[code] ?? untrusted(code));
  if (why === undefined) return error;
  return new ReynsError("NO_ENGINE", `no Docker Engine at ${engine.endpoint}: ${why}`, {
    hint: remedy(code, engine),
    cause: error,
  });
}

function fellSilent({ endpoint, timeout: patience }: Engine, cause: unknown): ReynsError {
  const message = `the Docker Engine at ${endpoint} has not answered for ${patience.milliseconds / 1000} s`;
  const hint =
    "see whether it hangs (docker ps), and restart it (sudo systemctl restart docker); ENGINE_TIMEOUT=SECONDS gives it longer";
  return new ReynsError("NO_ENGINE", message, { hint, cause });
}

/** OpenSSL's own words for what is wrong with a certificate: `CERT_HAS_EXPIRED`, `UNABLE_TO_VERIFY_LEAF_SIGNATURE`. */
function untrusted(code: string): string | undefined {
  if (!/CERT|SIGNATURE|SSL|TLS|CRL/.test(code)) return undefined;
  return `one side does not accept the other's certificate (${code})`;
}

function remedy(code: string, { local }: Engine): string {
  if (code === "EACCES" || code === "EPERM")
    return 'join the group "docker" (sudo usermod -aG docker "$USER", then log in again)';
  if (code === "EPROTO" || untrusted(code) !== undefined)
    return "DOCKER_CERT_PATH names the folder with ca.pem, cert.pem and key.pem of this Engine";
  if (!local)
    return "does it run there, and listen at this address? DOCKER_HOST, or the docker context, names it";
  return "start it (sudo systemctl start docker), install it (Debian, Ubuntu: sudo apt-get install docker.io), or set DOCKER_HOST";
}

/** An answer with an error status, and what stands in it. */
export function engineError(statusCode: number, text: string): Error {
  return Object.assign(new Error(text), { statusCode, json: parsed(text) });
}

function parsed(text: string): { message?: string } {
  try {
    return JSON.parse(text) as { message?: string };
  } catch {
    return {};
  }
}

function isEngineError(error: unknown): error is EngineError {
  return error instanceof Error && typeof (error as Partial<EngineError>).statusCode === "number";
}
