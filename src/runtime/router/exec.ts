import type { Engine } from "../../docker/client/engine.ts";
import { runExec } from "../../docker/streams/exec.ts";
import { ReynsError } from "../../errors.ts";

/** The program in the router's image that changes what it serves: images/router. */
const program = "/usr/lib/reyns/router";

/**
 * Changes what a router serves; returns when the change is in use. Its admin API can only be reached in its container.
 *
 * @param router name of its container
 * @throws ReynsError ROUTER_FAILED, ENGINE_REFUSED when the container does not run
 */
export async function runRouter(
  engine: Engine,
  router: string,
  args: readonly string[],
  input?: string,
): Promise<void> {
  const command = [program, ...args];
  const { exitStatus, stderr } = await runExec(
    engine,
    router,
    { command, user: "root" },
    { input },
  );
  if (exitStatus === 0) return;
  const reason = stderr.trim() || `status ${exitStatus}`;
  const hint = "see its output: reyns logs reyns-router";
  throw new ReynsError("ROUTER_FAILED", `the router did not take the change: ${reason}`, { hint });
}
