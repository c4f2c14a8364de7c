import { parseJsonAnswer, readAnswer, readText, requireNumber } from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { translateError } from "../client/errors.ts";
import { engineError } from "../client/http-error.ts";

/** A container whose end is being watched. */
export interface WatchedExit {
  /** Resolves to its exit status when it has ended; never once the signal is aborted. */
  readonly status: Promise<number>;
}

/** Milliseconds for an Engine that answers only at the end. Docker answers as soon as it watches. */
const maxStart = 1000;

/**
 * Watches for the end of a container. When it resolves, the Engine is watching: nothing that is started from now on can
 * end too soon.
 *
 * @param condition `removed` for a container that removes itself
 * @throws ReynsError NO_ENGINE, ENGINE_REFUSED, from the status
 * @see https://docs.docker.com/reference/api/engine/ (wait for a container)
 * @example
 * const exit = await watchExit(engine, id, "next-exit", signal);
 * await startContainer(engine, id);
 * console.log(await exit.status);
 */
export async function watchExit(
  engine: Engine,
  id: string,
  condition: "next-exit" | "removed",
  signal?: AbortSignal,
): Promise<WatchedExit> {
  const path = `/containers/${id}/wait?condition=${condition}`;
  // Without a timeout: a container may run for months. The stream of its output ends when the Engine is gone.
  const answer = engine.send({ method: "POST", path, signal });
  const status = answer
    .then((response) => readStatus(engine, response))
    .catch((error: unknown) => {
      if (signal?.aborted) return new Promise<never>(() => {});
      throw translateError(engine, error);
    });
  status.catch(() => {});
  await Promise.race([answer.catch(() => {}), Bun.sleep(maxStart)]);
  return { status };
}

async function readStatus(engine: Engine, response: Response): Promise<number> {
  const text = await readText(response);
  if (!response.ok) throw engineError(response.status, text);
  const body = parseJsonAnswer(text) as { StatusCode: number };
  return readAnswer(engine, body, ({ StatusCode }) => requireNumber(StatusCode));
}
