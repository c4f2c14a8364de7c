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

/** The processes of a container, as `ps` on the Engine's host lists them. */
export interface ProcessTable {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** @throws ReynsError ENGINE_REFUSED when it is not running */
export async function listProcessTable(engine: Engine, id: string): Promise<ProcessTable> {
  const top = await request<{ Titles: string[]; Processes: string[][] | null }>(engine, {
    method: "GET",
    path: `/containers/${id}/top`,
  });
  return readAnswer(engine, top, ({ Titles, Processes }) => ({
    titles: Titles.map(String),
    rows: (Processes ?? []).map((columns) => columns.map(String)),
  }));
}
