import { stepsOnNode } from "../../../plan/nodes/on-node.ts";
import { summarizeList } from "../../../lib/summarize-list.ts";
import { applyPlan } from "../../common/apply-plan.ts";
import { requireBuilder } from "../../common/builder.ts";
import { connectAll, locateProject } from "../../common/context.ts";
import type { LockedProject } from "../../common/with-project-lock.ts";
import { nodeRuns } from "./node-runs.ts";
import type { RunOptions } from "./options.ts";
import { buildSteps, pullSteps } from "./renew-images.ts";

/** Pulls on each node what it runs, and builds on the first what any of them does, before a run is planned. */
export async function renewOnNodes(options: RunOptions, locked: LockedProject): Promise<void> {
  const runs = (await nodeRuns(options)) ?? [];
  const [first] = runs;
  if (!first) return;
  const pulls = runs.flatMap((run) => stepsOnNode(run.node.name, pullSteps(run.options)));
  const selections = runs.flatMap((run) => run.options.selections);
  const builds = await buildSteps({ ...options, selections }, first.engine);
  const engine = await connectAll(await locateProject());
  const built = builds.map(({ title }) => title);
  if (built.length > 0) requireBuilder(engine, `build ${summarizeList(built, 4)}`);
  const steps = [...pulls, ...stepsOnNode(first.node.name, builds)];
  await applyPlan(steps, engine, { locked, place: options.project });
}
