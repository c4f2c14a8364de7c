import { ReynsError } from "../errors.ts";
import type Docker from "dockerode";
import type { Engine } from "./connect.ts";

/** What dockerode throws when the Engine answers with an error status. */
interface Refusal extends Error {
  statusCode: number;
  json?: { message?: string } | Buffer;
}

type Question<Answer> = (client: Docker) => Promise<Answer>;

const fileCalls = new Set(["open", "read", "scandir", "stat", "lstat", "readlink", "mkdir"]);

const unreachable: Readonly<Record<string, string>> = {
  ENOENT: "nothing is there",
  ECONNREFUSED: "nothing answers there",
  EACCES: "this user may not use it",
  EPERM: "this user may not use it",
  ENOTFOUND: "the host is not known",
  FailedToOpenSocket: "nothing answers there",
  ConnectionRefused: "nothing answers there",
  ECONNRESET: "it went away",
  EPIPE: "it went away",
};

/**
 * Asks the Engine something; what goes wrong becomes an error for people.
 *
 * @throws ReynsError NO_ENGINE when it cannot be reached, ENGINE_REFUSED when it refuses
 */
export async function ask<Answer>(engine: Engine, question: Question<Answer>): Promise<Answer> {
  try {
    return await question(await engine.client());
  } catch (error) {
    throw explain(engine, error);
  }
}

/**
 * Asks the Engine for a document.
 *
 * @throws ReynsError NO_ENGINE, ENGINE_REFUSED
 */
export async function getJson<Answer>(engine: Engine, path: string): Promise<Answer> {
  let response: Response;
  try {
    response = await engine.get(path);
  } catch (error) {
    throw explain(engine, error);
  }
  if (response.ok) return (await response.json()) as Answer;
  const text = await response.text();
  const cause = Object.assign(new Error(text), { statusCode: response.status, json: parsed(text) });
  throw explain(engine, cause);
}

function parsed(text: string): { message?: string } {
  try {
    return JSON.parse(text) as { message?: string };
  } catch {
    return {};
  }
}

/** The HTTP status with which the Engine refused; undefined for any other error. */
export function refusalStatus(error: unknown): number | undefined {
  const cause = error instanceof ReynsError ? error.cause : error;
  return isRefusal(cause) ? cause.statusCode : undefined;
}

/** Asks the Engine something; `undefined` when the Engine says that the thing is not there. */
export async function askIfThere<Answer>(
  engine: Engine,
  question: Question<Answer>,
): Promise<Answer | undefined> {
  try {
    return await ask(engine, question);
  } catch (error) {
    if (refusalStatus(error) === 404) return undefined;
    throw error;
  }
}

function explain(engine: Engine, error: unknown): unknown {
  if (isRefusal(error)) {
    const message = error.json && "message" in error.json ? error.json.message : undefined;
    return new ReynsError(
      "ENGINE_REFUSED",
      `the Docker Engine refused: ${message ?? error.message.trim()}`,
      { cause: error },
    );
  }
  const { code = "", syscall = "" } = (error ?? {}) as NodeJS.ErrnoException;
  // Of the file system's faults none says anything of the Engine.
  const why = fileCalls.has(syscall) ? undefined : unreachable[code];
  if (why === undefined) return error;
  const hint =
    why === unreachable["EACCES"]
      ? 'join the group "docker" (sudo usermod -aG docker "$USER", then log in again)'
      : "start it (sudo systemctl start docker), install it (Debian, Ubuntu: sudo apt-get install docker.io), or set DOCKER_HOST";
  return new ReynsError("NO_ENGINE", `no Docker Engine at ${engine.endpoint}: ${why}`, {
    hint,
    cause: error,
  });
}

function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && typeof (error as Partial<Refusal>).statusCode === "number";
}
