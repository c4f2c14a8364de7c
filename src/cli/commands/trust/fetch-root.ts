import { ReynsError } from "../../../errors.ts";
import { isRunning, type ObservedInstance } from "../../../model/observed.ts";
import { readRouterRoot } from "../../../runtime/router/root-certificate.ts";
import { listInstances, withEngineNotice } from "../../common/context.ts";
import { requireRouter } from "../../common/require-router.ts";

interface FetchedRoot {
  readonly project: string;
  readonly origin: string;
  /** What the router gave, unchecked. */
  readonly pem: string;
}

/** Reads the root certificate out of the router. @throws ReynsError NOT_RUNNING */
export async function fetchRoot(): Promise<FetchedRoot> {
  const { engine, place, instances } = await listInstances();
  const router = requireRouter(instances, "what was trusted before: reyns trust remove=true");
  const pem = await withEngineNotice(readRouterRoot(engine, router.id));
  if (pem === undefined) throw noAuthority(router);
  return { project: router.project, origin: place.origin, pem };
}

function noAuthority(router: ObservedInstance): ReynsError {
  const { host, service, instance, state } = router;
  const message = `${host} has no root certificate yet`;
  if (isRunning(router))
    return new ReynsError("NOT_RUNNING", message, {
      hint: `try again in a few seconds; if it still has none: reyns logs ${service}`,
    });
  const hint = `start it: reyns start ${service} ${instance}`;
  return new ReynsError("NOT_RUNNING", `${message}: it is ${state}`, { hint });
}
