import { defineCommand } from "citty";
import { ReynsError } from "../../errors.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { stepsOnNode } from "../../plan/nodes/on-node.ts";
import { planPush } from "../../plan/pull-plan.ts";
import { tagged } from "../../plan/resolve/images.ts";
import { chooseServices } from "../../plan/select/services.ts";
import type { PushImage } from "../../model/steps.ts";
import { observeImages } from "../../runtime/observe/images.ts";
import type { Engine } from "../../runtime/connect.ts";
import { log } from "../../ui/output/log.ts";
import { printJson } from "../../ui/output/print.ts";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { applyPlan } from "../common/apply-plan.ts";
import { requireBuilder } from "../common/builder.ts";
import type { Project } from "../../model/project.ts";
import { connectAll, locateProject } from "../common/context.ts";
import { lockOptions, withProjectLock } from "../common/with-project-lock.ts";
import { loadRunningProject } from "./run/resolve-conf.ts";

export const examples: Examples = [
  ["reyns push web", "what web was built into, to the registry of its image"],
  ["reyns push all", "of all services that have a name to push"],
  ["DOCKER_CONFIG=./ci reyns push all", "with the credentials of another folder"],
];

export const command = defineCommand({
  meta: {
    name: "push",
    description:
      "Pushes what services are built into, under the names that image and tags beside build give it. Of several machines, the first one does. Credentials are those of docker login.",
  },
  args: {
    service: args.optionalService("Name of the service, a pattern, or all", "SERVICE|all"),
    conf: args.conf,
    wait: args.wait,
    jobs: args.jobs,
    json: args.json,
  },
  run: async ({ args: { service = "all", conf, wait, jobs, json } }) => {
    const project = await loadRunningProject(args.parseConfName(conf));
    const steps = planPush(chooseServices(project, service, "push"));
    if (steps.length === 0) refuseNameless(service, project);
    const engine = await connectAll(await locateProject());
    requireBuilder(
      engine,
      `push ${summarizeList(
        steps.map(({ image }) => image),
        4,
      )}`,
    );
    await requireBuilt(engine, steps, service);
    const [builder] = engine.fleet?.members ?? [];
    const placed = builder ? stepsOnNode(builder.name, steps) : steps;
    await withProjectLock(lockOptions(project, { wait, jobs }), (locked) =>
      applyPlan(placed, engine, { locked, place: project }),
    );
    if (json) printJson(steps.map(({ image }) => ({ image })));
  },
});

function refuseNameless(service: string, { conf: { isCompose } }: Project): void {
  if (service === "all") return log.info("nothing to push: no service has an image beside build");
  const name = `registry.example/${service}:1`;
  const place = isCompose
    ? `the Compose file: image: ${name} beside build at the service "${service}"`
    : `reyns.ts: service("${service}", { build: "./${service}", image: "${name}" })`;
  throw new ReynsError("INVALID_VALUE", `${service} has no name to push`, {
    hint: `give it one in ${place}`,
  });
}

async function requireBuilt(
  engine: Engine,
  steps: readonly PushImage[],
  service: string,
): Promise<void> {
  const names = steps.map(({ image }) => tagged(image));
  const found = await observeImages(engine, names);
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0)
    throw new ReynsError("ENGINE_REFUSED", `not built yet: ${missing.join(", ")}`, {
      hint: `build it first: reyns build ${service}`,
    });
}
