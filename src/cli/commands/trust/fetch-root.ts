import { ReynsError } from "../../../errors.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import { routerService } from "../../../model/routes.ts";
import { readRouterRoot } from "../../../runtime/router/root-certificate.ts";
import { listInstances, withEngineNotice } from "../../common/context.ts";

interface FetchedRoot {
  readonly project: string;
  readonly origin: string;
  /** What the router gave, unchecked. */
  readonly pem: string;
}

/** Reads the root certificate out of the router. @throws ReynsError NOT_RUNNING */
export async function fetchRoot(): Promise<FetchedRoot> {
  const { engine, place, instances } = await listInstances();
  const router = instances.find(({ service }) => service === routerService);
  if (!router) throw noRouter();
  const pem = await withEngineNotice(readRouterRoot(engine, router.id));
  if (pem === undefined) throw noAuthority(router);
  return { project: router.project, origin: place.origin, pem };
}

function noRouter(): ReynsError {
  const hint =
    "define one with router() and run it; what was trusted before: reyns trust remove=true";
  return new ReynsError("NOT_RUNNING", "this project has no router on this Engine", { hint });
}

function noAuthority({ host, service, instance, state }: ObservedInstance): ReynsError {
  const hint = `start it: reyns start ${service} ${instance}`;
  const message = `${host} has no root certificate yet: it is ${state}`;
  return new ReynsError("NOT_RUNNING", message, { hint });
}
