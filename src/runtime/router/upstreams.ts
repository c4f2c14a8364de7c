import type { Engine } from "../../docker/client/engine.ts";
import { ReynsError } from "../../errors.ts";
import { upstreamLines, type RoutedInstance } from "../../model/router-steps.ts";
import type { Emit } from "../events.ts";
import { runRouter } from "./exec.ts";

interface RouterContext {
  readonly engine: Engine;
  readonly emit: Emit;
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
  { engine }: Pick<RouterContext, "engine">,
  routed: RoutedInstance,
  containers: readonly string[],
): Promise<void> {
  const lines = upstreamLines(routed, containers).flatMap((line) => line.split(" "));
  await runRouter(engine, routed.router, ["set", routed.host, ...lines]);
}

/** An instance, and the name of its router's container; none: it has no route, or no router runs. */
interface Departing {
  readonly host: string;
  readonly router?: string | undefined;
}

/** Keeps new requests from an instance that is about to stop; returns when the router sends it none. */
export async function takeOut(instance: Departing, context: RouterContext): Promise<void> {
  await tell(instance, "out", context);
}

/** Forgets the upstreams of an instance that is about to be removed, likewise. */
export async function forgetUpstreams(instance: Departing, context: RouterContext): Promise<void> {
  await tell(instance, "set", context);
}

/** Sends requests to an instance again that `takeOut` has kept them from. */
export async function bringIn(instance: Departing, context: RouterContext): Promise<void> {
  await tell(instance, "in", context);
}

/** A router that does not answer must not keep an instance from being stopped, or from starting again. */
async function tell(
  { host, router }: Departing,
  command: "out" | "set" | "in",
  { engine, emit }: RouterContext,
): Promise<void> {
  if (router === undefined) return;
  try {
    await runRouter(engine, router, [command, host]);
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    emit({ kind: "warning", message: `${host}: ${error.message}` });
  }
}
