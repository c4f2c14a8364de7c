import { parseJsonAnswer, readText } from "./answers.ts";
import { isTar, type Engine, type EngineRequest } from "./engine.ts";
import { errorStatus, translateError } from "./errors.ts";
import { engineError, protocolError } from "./http-error.ts";
import { onTimeout, withTimeoutAndRetry } from "./timeouts.ts";
import type { StreamReader, Upgraded } from "./upgrade.ts";

/**
 * Sends one request and parses its JSON answer.
 *
 * @returns undefined when the answer has no JSON body
 * @throws ReynsError NO_ENGINE when the Engine cannot be reached, ENGINE_REFUSED when it answers with an error
 * @see https://docs.docker.com/reference/api/engine/
 * @example
 * await request(engine, { method: "POST", path: `/containers/${id}/start` });
 */
export async function request<Answer = undefined>(
  engine: Engine,
  options: EngineRequest,
): Promise<Answer> {
  const { method, path, body, signal, versionless = false } = options;
  const call = { method, path, isStream: false, isUpload: isTar(body), signal };
  try {
    // Connecting has a timeout of its own.
    if (!versionless) await engine.features();
    const answer = await withTimeoutAndRetry(call, engine.timeout, async (abort) => {
      const response = await engine.send({ ...options, signal: abort });
      return { response, text: await readText(response) };
    });
    const value = parseAnswer(answer.response, answer.text);
    // A GET always gets a document.
    if (method === "GET" && (value ?? undefined) === undefined)
      throw protocolError("its answer is empty, or not JSON");
    return value as Answer;
  } catch (error) {
    throw translateError(engine, error);
  }
}

function parseAnswer({ ok, status, headers }: Response, text: string): unknown {
  if (!ok) throw engineError(status, text);
  // Podman 4 does not say what its statistics are.
  const isJson = headers.get("Content-Type")?.includes("json") ?? headers.has("Libpod-API-Version");
  return isJson && text !== "" ? parseJsonAnswer(text) : undefined;
}

/**
 * Sends one request and leaves the body of its answer to the caller.
 *
 * @throws ReynsError NO_ENGINE, ENGINE_REFUSED
 */
export async function requestResponse(engine: Engine, options: EngineRequest): Promise<Response> {
  const { method, path, body, signal } = options;
  const call = { method, path, isStream: true, isUpload: isTar(body), signal };
  try {
    await engine.features();
    const response = await withTimeoutAndRetry(call, engine.timeout, (abort) =>
      engine.send({ ...options, signal: abort }),
    );
    if (!response.ok) throw engineError(response.status, await readText(response));
    return response;
  } catch (error) {
    throw translateError(engine, error);
  }
}

/** Like `request`, but resolves to undefined when the Engine answers with one of the statuses. */
export async function requestUnless<Answer = undefined>(
  statuses: readonly number[],
  engine: Engine,
  options: EngineRequest,
): Promise<Answer | undefined> {
  try {
    return await request<Answer>(engine, options);
  } catch (error) {
    if (statuses.includes(errorStatus(error) ?? 0)) return undefined;
    throw error;
  }
}

/** Like `request`, but resolves to undefined when the Engine answers 404. */
export function requestIfExists<Answer = undefined>(
  engine: Engine,
  options: EngineRequest,
): Promise<Answer | undefined> {
  return requestUnless<Answer>([404], engine, options);
}

/** Gets a document that is the same in all supported API versions. */
export function getJson<Answer>(engine: Engine, path: string): Promise<Answer> {
  return request<Answer>(engine, { method: "GET", path, versionless: true });
}

/** Like `getJson`, but resolves to undefined when the Engine has no such object, or the name is invalid. */
export function getJsonIfExists<Answer>(engine: Engine, path: string): Promise<Answer | undefined> {
  return requestUnless<Answer>([400, 404], engine, { method: "GET", path, versionless: true });
}

/**
 * Sends a POST that is answered by a stream of bytes, and passes them on until the Engine ends it. Without a receiver,
 * they are read from the `stream` of the answer.
 *
 * @throws ReynsError NO_ENGINE, ENGINE_REFUSED
 */
export async function attachStream(
  engine: Engine,
  path: string,
  onBytes?: (bytes: Buffer) => void,
  upgrade: Pick<StreamReader, "protocol" | "headers"> = {},
): Promise<Upgraded> {
  const call = { method: "POST", path, isStream: true, isUpload: false, signal: undefined };
  try {
    await engine.features();
    const stream = await withTimeoutAndRetry(call, engine.timeout, (signal) =>
      engine.attach(path, { ...upgrade, ...(onBytes && { onBytes }), signal }),
    );
    const stop = onTimeout({ ...engine.timeout, quick: false }, stream.close);
    void stream.ended.then(stop);
    return stream;
  } catch (error) {
    throw translateError(engine, error);
  }
}
