import { ReynsError } from "../../../errors.ts";
import type { ProjectNode } from "../../../model/nodes.ts";
import type { Project } from "../../../model/project.ts";
import { stateFolder } from "../../../model/resource-names.ts";
import type { SwarmChange } from "../../../model/swarm.ts";
import { changeSwarm } from "../../../runtime/swarm/change.ts";
import { rereadSwarm, type ReadSwarm } from "../../../runtime/swarm/read.ts";
import { log } from "../../../ui/output/log.ts";
import { printToStderr } from "../../../ui/output/print.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { describeChange, describeDone } from "../../../ui/views/swarm.ts";
import { withProjectLock } from "../../common/with-project-lock.ts";

interface SwarmApplyOptions {
  readonly swarm: ReadSwarm;
  readonly nodes: readonly ProjectNode[];
  readonly project: Project;
  /** Plans as for the changes that are shown. */
  readonly plan: (swarm: ReadSwarm) => readonly SwarmChange[] | Promise<readonly SwarmChange[]>;
  readonly pool: string;
  readonly question: string;
  readonly yes: boolean;
}

/**
 * Shows the changes, asks, and makes them one after the other: after an interruption the same call goes on.
 *
 * @throws ReynsError PLAN_OUTDATED before anything changes when others are needed once the machines are locked
 */
export async function applyChanges(
  changes: readonly SwarmChange[],
  { swarm, nodes, project, plan, pool, question, yes }: SwarmApplyOptions,
): Promise<void> {
  const text = changes.map((change) => `  ${describeChange(change)}`).join("\n");
  if (yes) log.info(text);
  else printToStderr(text);
  await confirmOrCancel({ question, hint: "add yes=true", yes });
  const engines = [...swarm.engines.values()];
  await withProjectLock({ place: project, engines }, async ({ signal, holdExit, begin }) => {
    const seen = await rereadSwarm(swarm, nodes);
    requireSame({ swarm, changes }, { swarm: seen, changes: await plan(seen) });
    const context = {
      engines: swarm.engines,
      managers: managersOf(seen),
      owner: { name: project.name, origin: project.origin },
      stateFolder: stateFolder(project),
      pool,
    };
    signal.throwIfAborted();
    begin();
    for (const change of changes) {
      signal.throwIfAborted();
      const work = changeSwarm(change, context);
      holdExit(work);
      await work;
      log.info(describeDone(change));
    }
  });
}

function managersOf({ nodes }: ReadSwarm): Set<string> {
  return new Set(
    nodes
      .filter(({ membership }) => membership.isManager && membership.problem === undefined)
      .map(({ name }) => name),
  );
}

interface PlannedSwarm {
  readonly swarm: ReadSwarm;
  readonly changes: readonly SwarmChange[];
}

/** Between the plan and the lock there may be a long question, and any other call. */
function requireSame(shown: PlannedSwarm, now: PlannedSwarm): void {
  if (Bun.deepEquals(identify(shown), identify(now))) return;
  const lines = now.changes.map((change) => `  ${describeChange(change)}`);
  const found =
    lines.length === 0 ? "nothing is left to do" : `now it would do:\n${lines.join("\n")}`;
  throw new ReynsError("PLAN_OUTDATED", "the swarm has changed meanwhile; nothing was done", {
    hint: `${found}\ncall it again`,
  });
}

/** What the changes are, in which swarm, and about which of its members. */
function identify({ swarm, changes }: PlannedSwarm): unknown {
  const manager = swarm.nodes.find(({ name }) => name === swarm.manager);
  return [
    manager?.membership.swarm ?? "",
    changes.map((change) => [
      describeChange(change),
      "member" in change ? (change.member?.id ?? "") : "",
    ]),
  ];
}
