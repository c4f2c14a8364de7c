import type { Engine } from "../client/engine.ts";
import { attachStream } from "../client/request.ts";
import { frameLines } from "./demultiplex.ts";

export interface AttachedOutput {
  readonly ended: Promise<void>;
  readonly close: () => void;
}

/** Follows a container's output, whatever its log driver. Attach before the start to get all of it. */
export async function attachOutput(
  engine: Engine,
  id: string,
  onLine: (line: string) => void,
): Promise<AttachedOutput> {
  const path = `/containers/${id}/attach?stream=true&stdout=true&stderr=true`;
  const lines = frameLines(onLine);
  const { ended, close } = await attachStream(engine, path, lines.push);
  return { ended: ended.then(lines.end), close };
}
