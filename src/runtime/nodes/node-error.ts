import { timeoutCode, withTimeout } from "../../docker/client/timeouts.ts";
import { errorWith, ReynsError } from "../../errors.ts";
import type { ProjectNode } from "../../model/nodes.ts";
import type { Engine } from "../connect.ts";

/** Opens the Engine of a node; nothing has to be sent yet. */
export type OpenNode = (node: ProjectNode) => Promise<Engine>;

/** A machine that is off is not waited for. ssh, which says more about the cause, gives up after 5 s. */
export const nodeTimeoutMs = 5500;

/** Rejects when a node has not answered by then. */
export function withNodeTimeout<Value>(answer: Promise<Value>): Promise<Value> {
  return withTimeout(nodeTimeoutMs, answer);
}

/** Why a node does not answer; anything else than a failed connection is thrown. */
export function nodeError(error: unknown, { name, endpoint }: ProjectNode): ReynsError {
  if (error instanceof ReynsError)
    return errorWith(error, { message: `${name}: ${error.message}` });
  if ((error as NodeJS.ErrnoException).code !== timeoutCode) throw error;
  const message = `${name}: the Docker Engine at ${endpoint} does not answer within 5 s`;
  const hint = "check that the machine is on, and that no firewall is in between";
  return new ReynsError("NO_ENGINE", message, { hint, cause: error });
}
