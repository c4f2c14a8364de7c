import { listContainers } from "../../../docker/containers/list.ts";
import { labels } from "../../../model/labels.ts";
import { runningStates } from "../../../model/observed.ts";
import {
  remoteUpstreamLines,
  upstreamLines,
  type ConfigureRouter,
} from "../../../model/router-steps.ts";
import type { RuntimeContext } from "../../context.ts";
import { runRouter } from "../../router/exec.ts";

/** Tells the router all its routes, with the instances that run as their upstreams. */
export async function configureRouterStep(
  { router, config, instances }: ConfigureRouter,
  { engine }: RuntimeContext,
): Promise<undefined> {
  const containers = await listContainers(engine, [labels.instance]);
  const running = new Map(
    containers.filter(({ state }) => runningStates.has(state)).map(({ name, id }) => [name, id]),
  );
  const lines = instances.map((instance) => {
    if (instance.isKept) return `${instance.host} -`;
    return [instance.host, ...linesOf(instance, running.get(instance.container))].join(" ");
  });
  await runRouter(engine, router, ["configure"], [...lines, "", config].join("\n"));
}

function linesOf(instance: ConfigureRouter["instances"][number], id: string | undefined): string[] {
  const { remoteName } = instance;
  if (remoteName !== undefined) return remoteUpstreamLines(instance, remoteName);
  return upstreamLines(instance, id === undefined ? [] : [id]);
}
