import { runExec } from "../../docker/streams/exec.ts";
import { ReynsError } from "../../errors.ts";
import type { RuntimeContext } from "../context.ts";

/** The program in the router's image that waits: images/router. */
const program = "/usr/lib/reyns/drain";

export interface Draining {
  /** Name of the router's container. */
  readonly router: string;
  readonly host: string;
  /** Id of the container that gets no new requests. */
  readonly containerId: string;
  /** How long it may take. */
  readonly seconds: number;
  /** What a warning says of so many open requests: "2 requests". */
  readonly leftText?: (requests: string) => string;
}

/**
 * Waits until a container has ended the requests that the router has sent it, WebSockets included. Whatever is left when
 * its time is over, and a router that does not tell, is a warning.
 */
export async function drainContainer(
  { router, host, containerId, seconds, leftText = stoppedText(seconds) }: Draining,
  { engine, emit }: Pick<RuntimeContext, "engine" | "emit">,
): Promise<void> {
  const command = [program, containerId.slice(0, 12), String(seconds)];
  const warn = (message: string): void => emit({ kind: "warning", message: `${host}: ${message}` });
  try {
    const { exitStatus, stdout, stderr } = await runExec(
      engine,
      router,
      { command, user: "root" },
      {},
    );
    const left = Number(stdout.trim());
    if (exitStatus !== 0)
      warn(`cannot read the number of open requests from the router: ${stderr.trim()}`);
    else if (left > 0) warn(leftText(left === 1 ? "1 request" : `${left} requests`));
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    warn(`cannot read the number of open requests from the router: ${error.message}`);
  }
}

function stoppedText(seconds: number): (requests: string) => string {
  return (requests) =>
    `stopped with ${requests} still open after ${seconds} s; allow more time with drain`;
}
