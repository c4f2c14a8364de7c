import { listContainers } from "../../../docker/containers/list.ts";
import { labels } from "../../../model/labels.ts";
import { runningStates } from "../../../model/observed.ts";
import { upstreamLines, type ConfigureRouter } from "../../../model/router-steps.ts";
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
    if (instance.isStarted) return `${instance.host} -`;
    const id = running.get(instance.container);
    return [instance.host, ...upstreamLines(instance, id === undefined ? [] : [id])].join(" ");
  });
  await runRouter(engine, router, ["configure"], [...lines, "", config].join("\n"));
}
