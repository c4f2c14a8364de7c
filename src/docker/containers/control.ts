import { readAnswer, requireNumber } from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { request, requestUnless } from "../client/request.ts";

/**
 * Sends a signal to a container's main process.
 *
 * @param signal a name such as "SIGHUP"
 * @throws ReynsError ENGINE_REFUSED when it is not running, or there is no such signal
 */
export async function killContainer(engine: Engine, id: string, signal: string): Promise<void> {
  await request(engine, { method: "POST", path: `/containers/${id}/kill?signal=${signal}` });
}

/** Freezes all processes of a container. */
export async function pauseContainer(engine: Engine, id: string): Promise<void> {
  await request(engine, { method: "POST", path: `/containers/${id}/pause` });
}

/**
 * Waits until a container is not running.
 *
 * @returns the status of its last exit; undefined when it is gone
 */
export async function waitForExit(
  engine: Engine,
  id: string,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const path = `/containers/${id}/wait`;
  const options = { method: "POST", path, signal } as const;
  const answer = await requestUnless<{ StatusCode: number }>([404], engine, options);
  return answer && readAnswer(engine, answer, ({ StatusCode }) => requireNumber(StatusCode));
}
