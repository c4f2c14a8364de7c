import { ReynsError, throwAll } from "../../../errors.ts";
import { stateFolder } from "../../../model/resource-names.ts";
import type { SwarmChange } from "../../../model/swarm.ts";
import { planLeave, type LeavePlan } from "../../../plan/swarm/leave.ts";
import { startManagers } from "../../../plan/swarm/check.ts";
import { listSwarmFiles, listSwarmUses, type ReadSwarm } from "../../../runtime/swarm/read.ts";
import { readJoins } from "../../../runtime/swarm/recorded-joins.ts";
import { log } from "../../../ui/output/log.ts";
import { printJson } from "../../../ui/output/print.ts";
import { changeToJson } from "../../../ui/views/swarm.ts";
import { loadProject } from "../../common/context.ts";
import { applyChanges } from "./apply-changes.ts";
import { connectSwarm } from "./connect.ts";
import { reportNothing } from "./join.ts";
import { namedNodes, noNodes, type NodesOptions } from "./options.ts";

/** @returns the exit status */
export async function leaveNodes(options: NodesOptions): Promise<number> {
  const project = await loadProject(options.conf);
  const nodes = namedNodes(project);
  if (nodes.length === 0) return reportNothing(options, noNodes);
  const swarm = await connectSwarm(nodes, options);
  const { foreign } = options;
  const plan = async (seen: ReadSwarm): Promise<Omit<LeavePlan, "errors">> => {
    const joins = readJoins(stateFolder(project));
    const { errors, ...planned } = planLeave(seen, { owner: project, joins, foreign });
    throwAll(errors);
    await requireUnused(seen, planned.changes, foreign);
    return planned;
  };
  const { changes, kept, elsewhere } = await plan(swarm);
  const status = swarm.unreachable.length > 0 ? 1 : 0;
  if (kept.length > 0)
    log.warn(
      `${kept.join(", ")}: left as it is, because nodes join of ${project.name} has not put it there`,
      "to take it out all the same, add foreign=true",
    );
  if (elsewhere.length > 0)
    log.warn(
      `${elsewhere.join(", ")}: left as it is: no member of the swarm of ${swarm.manager}`,
      "leave takes machines out of one swarm at a time: call it again for the next one",
    );
  if (changes.length === 0) {
    if (kept.length === 0 || options.json) reportNothing(options, "in no swarm: nothing to leave");
    return status;
  }
  const question = "Take these machines out of their Docker Swarm?";
  await applyChanges(changes, {
    ...options,
    swarm,
    nodes,
    project,
    plan: async (seen) => (await plan(seen)).changes,
    pool: "",
    question,
  });
  if (options.json) printJson({ changes: changes.map(changeToJson) });
  return status;
}

/** What runs in it would be cut off, and what it keeps would end with it. */
async function requireUnused(
  swarm: ReadSwarm,
  changes: readonly SwarmChange[],
  foreign: boolean,
): Promise<void> {
  const { nodes, engines, manager } = swarm;
  if (nodes.every(({ membership }) => membership.state === "inactive")) return;
  const engine = manager === undefined ? undefined : engines.get(manager);
  if (!engine) {
    if (foreign) return;
    const hint = `${startManagers}\nto end the swarm all the same, add foreign=true`;
    const message = "no manager of the swarm answers, so it is not known what uses it";
    throw new ReynsError("ENGINE_REFUSED", message, { hint });
  }
  const ends = changes.some((change) => change.kind === "leave" && change.ends);
  const uses = [...(await listSwarmUses(engine)), ...(ends ? await listSwarmFiles(engine) : [])];
  if (uses.length === 0) return;
  const message = `the swarm is in use by ${uses.join(", ")}`;
  const hint =
    "remove that first: reyns clean all, in each project that uses it; what was made by hand, with docker service rm, docker network rm, docker secret rm and docker config rm";
  throw new ReynsError("ENGINE_REFUSED", message, { hint });
}
