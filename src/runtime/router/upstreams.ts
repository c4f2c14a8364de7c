import type { Engine } from "../../docker/client/engine.ts";
import { upstreamLines, type RoutedInstance } from "../../model/router-steps.ts";
import { runRouter } from "./exec.ts";

interface RouterContext {
  readonly engine: Engine;
}

/**
 * Makes these containers, and no others, the upstreams that an instance has in the router; none: it gets no requests.
 * Returns when the router uses them: no new request goes to another container from then on. No configuration is loaded,
 * so requests and WebSockets that are open go on.
 *
 * @param containers their ids
 * @throws ReynsError ROUTER_FAILED, ENGINE_REFUSED when the router does not run
 */
export async function setUpstreams(
  { engine }: RouterContext,
  routed: RoutedInstance,
  containers: readonly string[],
): Promise<void> {
  const lines = upstreamLines(routed, containers).flatMap((line) => line.split(" "));
  await runRouter(engine, routed.router, ["set", routed.host, ...lines]);
}
