import { ReynsError } from "../../errors.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import type { NetworkUser } from "../../model/networks.ts";
import { isRunning, type Observed, type ObservedInstance } from "../../model/observed.ts";
import type { Project } from "../../model/project.ts";
import type { CreateNetwork, Step } from "../../model/steps.ts";
import { ownNetwork } from "../../model/resource-names.ts";
import type { Decided } from "../converge.ts";

interface ReplacedContext {
  readonly project: Project;
  readonly observed: Observed;
  readonly decided: readonly Decided[];
  readonly orphans: readonly ObservedInstance[];
  readonly prune: boolean;
}

/** A changed network is made anew only where everything in it is replaced as well. */
export function replacedNetworkErrors(
  steps: readonly Step[],
  context: ReplacedContext,
): ReynsError[] {
  return steps.flatMap((step) =>
    step.kind === "create-network" && step.replaces ? errorsOf(step, context) : [],
  );
}

function errorsOf(step: CreateNetwork, context: ReplacedContext): ReynsError[] {
  const { networks = [] } = context.observed;
  const users = networks.find(({ id }) => id === step.replaces?.id)?.users ?? [];
  const blocked = users.flatMap((user) => {
    const hint = reasonToWait(user, context);
    return hint === undefined ? [] : [{ name: user.name, hint }];
  });
  const [first] = blocked;
  if (!first) return [];
  const names = summarizeList(
    blocked.map(({ name }) => name),
    3,
  );
  const message = `the ${step.title} has changed, and cannot be replaced while ${names} is in it`;
  const key = step.id === "network" ? ownNetwork : step.title.replace("network ", "");
  const at = context.project.conf.networks?.[key]?.at;
  return [new ReynsError("ENGINE_REFUSED", message, { hint: first.hint, at })];
}

/** What to do before a container can leave the network; undefined where this plan replaces or removes it. */
function reasonToWait(
  { id, name }: NetworkUser,
  { observed, decided, orphans, prune }: ReplacedContext,
): string | undefined {
  const isOf = (instance: ObservedInstance): boolean =>
    [instance.id, instance.predecessor].includes(id);
  // It is started again once the network is there.
  if (id === observed.keeper?.id) return undefined;
  const instance = observed.instances.find(isOf);
  if (!instance) return `it is not the project's: docker network disconnect NETWORK ${name}`;
  if (instance.isAttached) return `${instance.host} is attached to a terminal: end it first`;
  if (instance.isJob && isRunning(instance)) return `${instance.host} is at work: wait for its end`;
  if (orphans.some(isOf)) return prune ? undefined : "reyns run all prune=true";
  const isSelected = decided.some(({ placed }) => placed.existing && isOf(placed.existing));
  return isSelected ? undefined : "replace them together: reyns run all";
}
