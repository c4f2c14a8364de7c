import { readAnswer } from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { errorStatus } from "../client/errors.ts";
import { request } from "../client/request.ts";

/** The processes of a container, as `ps` on the Engine's host lists them. */
export interface ProcessTable {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Podman reads processes itself for names of columns; for options, it runs the container's own ps, if there is one. */
const podmanColumns = "user,pid,ppid,pcpu,etime,tty,time,args";

const dockerTitles: Readonly<Record<string, string>> = { USER: "UID", COMMAND: "CMD", "%CPU": "C" };

/** @throws ReynsError ENGINE_REFUSED when it is not running */
export function listProcessTable(engine: Engine, id: string): Promise<ProcessTable> {
  return readTop(engine, id, { podman: podmanColumns });
}

/** The command lines of a container's processes; none when it is not running. */
export async function listProcesses(engine: Engine, id: string): Promise<readonly string[]> {
  try {
    const { rows } = await readTop(engine, id, { docker: "-eo pid,args", podman: "pid,args" });
    return rows.map((columns) => columns.slice(1).join(" "));
  } catch (error) {
    if (errorStatus(error) !== 409) throw error;
    return [];
  }
}

async function readTop(
  engine: Engine,
  id: string,
  columns: { readonly docker?: string; readonly podman: string },
): Promise<ProcessTable> {
  const { isPodman } = await engine.features();
  const wanted = isPodman ? columns.podman : columns.docker;
  const query = new URLSearchParams({
    // Podman goes on without it.
    ...(isPodman && { stream: "false" }),
    ...(wanted !== undefined && { ps_args: wanted }),
  });
  const path = `/containers/${id}/top?${query.toString()}`;
  const top = await request<{ Titles: string[]; Processes: string[][] | null }>(engine, {
    method: "GET",
    path,
  });
  return readAnswer(engine, top, ({ Titles, Processes }) => ({
    titles: Titles.map(String).map((title) => dockerTitles[title] ?? title),
    rows: (Processes ?? []).map((cells) => cells.map(String)),
  }));
}
