import type { Engine } from "../client/engine.ts";
import { attachStream } from "../client/request.ts";
import type { Upgraded } from "../client/upgrade.ts";
import { ReynsError } from "../../errors.ts";
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
  const attach = (): Promise<Upgraded> => attachStream(engine, path, lines.push);
  const { ended, close } = await attach().catch((error: unknown) => {
    if (!isUnprepared(error)) throw error;
    return attach();
  });
  return { ended: ended.then(lines.end), close };
}

/**
 * Podman prepares a stopped container for the attach. A process of its own, which cleans up after each run, undoes that
 * if it comes so late; it does so once.
 */
function isUnprepared(error: unknown): boolean {
  return error instanceof ReynsError && error.message.includes("container state improper");
}
