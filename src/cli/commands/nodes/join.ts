import { throwAll } from "../../../errors.ts";
import { stateFolder } from "../../../model/resource-names.ts";
import type { SwarmChange } from "../../../model/swarm.ts";
import { addressErrors, membershipErrors } from "../../../plan/swarm/check.ts";
import { planJoin } from "../../../plan/swarm/join.ts";
import { chooseSubnet } from "../../../plan/resolve/subnets.ts";
import { listSubnets, type ReadSwarm } from "../../../runtime/swarm/read.ts";
import { readJoins } from "../../../runtime/swarm/recorded-joins.ts";
import { log } from "../../../ui/output/log.ts";
import { printJson } from "../../../ui/output/print.ts";
import { changeToJson } from "../../../ui/views/swarm.ts";
import { loadProject } from "../../common/context.ts";
import { applyChanges } from "./apply-changes.ts";
import { connectSwarm } from "./connect.ts";
import { namedNodes, noNodes, type NodesOptions } from "./options.ts";

/** @returns the exit status */
export async function joinNodes(options: NodesOptions): Promise<number> {
  const project = await loadProject(options.conf);
  const nodes = namedNodes(project);
  if (nodes.length === 0) return reportNothing(options, noNodes);
  throwAll(addressErrors(nodes, options.allowPublic));
  const swarm = await connectSwarm(nodes, options);
  const plan = (seen: ReadSwarm): SwarmChange[] => {
    throwAll(membershipErrors(seen));
    return planJoin(seen, { owner: project, joins: readJoins(stateFolder(project)) });
  };
  const changes = plan(swarm);
  const status = swarm.unreachable.length > 0 ? 1 : 0;
  if (changes.length === 0) {
    const machines = swarm.nodes.map(({ name }) => name).join(", ");
    reportNothing(options, `in one swarm already: ${machines}`);
    return status;
  }
  await applyChanges(changes, {
    ...options,
    swarm,
    nodes,
    project,
    plan,
    pool: await choosePool(swarm),
    question: questionFor(changes),
  });
  if (options.json) printJson({ changes: changes.map(changeToJson) });
  return status;
}

/** Networks without a range of their own must not hide the machines' addresses. */
async function choosePool({ engines, nodes }: ReadSwarm): Promise<string> {
  const own = nodes.map(({ address }) => `${address}/24`);
  return chooseSubnet("swarm", [...(await listSubnets(engines.values())), ...own]).subnet;
}

function questionFor(changes: readonly SwarmChange[]): string {
  const isNew = changes.some(({ kind }) => kind === "init");
  return isNew ? "Make a Docker Swarm of these machines?" : "Change the Docker Swarm like this?";
}

export function reportNothing({ json }: Pick<NodesOptions, "json">, note: string): number {
  if (json) printJson({ changes: [] });
  else log.info(note);
  return 0;
}
