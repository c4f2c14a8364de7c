import { isTar, type Engine, type EngineRequest } from "./connect.ts";
import { withTimeoutAndRetry, onTimeout } from "./timeouts.ts";
import { translateError, engineError, errorStatus } from "./errors.ts";
import type { Upgraded } from "./upgrade.ts";

/**
 * Makes one request that is answered by a document, or by nothing.
 *
 * @returns undefined where the answer is no document
 * @throws ReynsError NO_ENGINE when the Engine cannot be reached, ENGINE_REFUSED when it refuses
 * @see https://docs.docker.com/reference/api/engine/
 * @example
 * await request(engine, { method: "POST", path: `/containers/${id}/start` });
 */
export async function request<Answer = undefined>(
  engine: Engine,
  asked: EngineRequest,
): Promise<Answer> {
  const { method, path, signal, versionless: isTimeless = false } = asked;
  const call = { method, path, isStream: false, isUpload: isTar(asked.body), signal };
  try {
    // The way there has a patience of its own.
    if (!isTimeless) await engine.features();
    const answer = await withTimeoutAndRetry(call, engine.timeout, async (over) => {
      const response = await engine.send({ ...asked, signal: over });
      return { response, text: await response.text() };
    });
    const { response, text } = answer;
    if (!response.ok) throw engineError(response.status, text);
    const isJson = response.headers.get("Content-Type")?.includes("json") ?? false;
    return (isJson && text !== "" ? JSON.parse(text) : undefined) as Answer;
  } catch (error) {
    throw translateError(engine, error);
  }
}

/** The same; `undefined` when the Engine says that the thing is not there: 404, unless other statuses mean it, too. */
export async function requestIfExists<Answer = undefined>(
  engine: Engine,
  asked: EngineRequest,
  absent: readonly number[] = [404],
): Promise<Answer | undefined> {
  try {
    return await request<Answer>(engine, asked);
  } catch (error) {
    if (absent.includes(errorStatus(error) ?? 0)) return undefined;
    throw error;
  }
}

/** Asks for a document that is the same in all versions of the API that are spoken here. */
export function getJson<Answer>(engine: Engine, path: string): Promise<Answer> {
  return request<Answer>(engine, { method: "GET", path, versionless: true });
}

/** The same; `undefined` when the Engine knows of no such thing, or of none that could have such a name. */
export function getJsonIfExists<Answer>(engine: Engine, path: string): Promise<Answer | undefined> {
  return requestIfExists<Answer>(engine, { method: "GET", path, versionless: true }, [400, 404]);
}

/**
 * Makes one request that is answered by a stream of bytes, which ends with the Engine.
 *
 * @throws ReynsError NO_ENGINE, ENGINE_REFUSED
 */
export async function attachStream(
  engine: Engine,
  path: string,
  onBytes: (bytes: Buffer) => void,
): Promise<Upgraded> {
  const call = { method: "POST", path, isStream: true, isUpload: false, signal: undefined };
  try {
    await engine.features();
    const stream = await withTimeoutAndRetry(call, engine.timeout, (signal) =>
      engine.attach(path, { onBytes, signal }),
    );
    const stop = onTimeout({ ...engine.timeout, quick: false }, stream.close);
    void stream.ended.then(stop);
    return stream;
  } catch (error) {
    throw translateError(engine, error);
  }
}
