import type { Engine } from "../../docker/client/engine.ts";
import { setRestartPolicy } from "../../docker/containers/restart-policy.ts";
import { hasCode } from "../../errors.ts";

/** An Engine that cannot change a policy, such as Podman 4, goes without: it matters after a power failure only. */
export async function trySetRestartPolicy(
  engine: Engine,
  id: string,
  policy: string,
): Promise<void> {
  await setRestartPolicy(engine, id, policy).catch((error: unknown) => {
    if (!hasCode(error, "ENGINE_REFUSED")) throw error;
  });
}
