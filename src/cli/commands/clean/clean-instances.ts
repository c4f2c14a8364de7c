import { formatInstances } from "../../../ui/views/instances.ts";
import { printToStderr } from "../../../ui/output/print.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { findNetworkName } from "../../../runtime/observe/observe.ts";
import { planRemoveData, type InstanceData } from "../../../plan/remove-data.ts";
import { dropLeases } from "../../../plan/dns-keeper.ts";
import { planClean } from "../../../plan/lifecycle-plan.ts";
import { networkNameOf } from "../../../model/resource-names.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { Step } from "../../../model/steps.ts";
import type { LockedProject } from "../../shared/with-project-lock.ts";
import { observeData, dataQuestion } from "./data.ts";
import { applyPlan } from "../../shared/apply-plan.ts";
import {
  resolveInstances,
  type ResolvedInstances,
  type InstancesQuery,
} from "../../shared/resolve-instances.ts";

export interface CleanOptions {
  readonly wanted: InstancesQuery;
  /** Hosts that alone are meant; all of the wanted ones when undefined. */
  readonly named: ReadonlySet<string> | undefined;
  /** Their data goes as well. */
  readonly data: boolean;
  /** Nothing has to be asked. */
  readonly isSure: boolean;
}

interface CleanResult {
  readonly project: ResolvedInstances["project"];
  readonly leaving: readonly ObservedInstance[];
  readonly steps: readonly Step[];
}

/** Removes what a call means, after the question that comes before. */
export async function cleanInstances(
  cleaning: CleanOptions,
  change: LockedProject,
): Promise<CleanResult> {
  const first = await resolveTargets(cleaning);
  const question = cleaning.isSure ? undefined : questionAbout(first);
  if (question !== undefined) await change.releaseLockWhile(() => ask(first.leaving, question));
  // Others may have gone first; and what has come since was on no list.
  const now = question === undefined ? first : await resolveTargets(cleaning, first.leaving);
  const { found, leaving, kept } = now;
  const { engine, place, project, all, scene } = found;
  const network = leaving.length > 0 ? networkOf(leaving) : await findNetworkName(engine, project);
  const removals = dropLeases(planClean(leaving, all, network), leaving, scene);
  const steps = [...removals, ...planRemoveData(kept, removals)];
  await applyPlan(steps, engine, { change, folder: place.folder });
  return { project, leaving, steps };
}

interface CleanTargets {
  readonly found: ResolvedInstances;
  readonly leaving: readonly ObservedInstance[];
  readonly kept: readonly InstanceData[];
}

async function resolveTargets(
  { wanted, named, data }: CleanOptions,
  among?: readonly ObservedInstance[],
): Promise<CleanTargets> {
  const found = await resolveInstances(wanted);
  const leaving = found.chosen.filter(
    ({ id, host }) => (named?.has(host) ?? true) && (among?.some((one) => one.id === id) ?? true),
  );
  return { found, leaving, kept: data ? await observeData(found.engine, leaving) : [] };
}

/** One instance goes unasked, its data does not. */
function questionAbout({ leaving, kept }: CleanTargets): string | undefined {
  const aboutData = dataQuestion(kept);
  if (leaving.length < 2) return aboutData;
  return aboutData ?? `Stop and remove these ${leaving.length} instances?`;
}

/** The list comes first: whoever answers knows what goes. */
async function ask(leaving: readonly ObservedInstance[], question: string): Promise<void> {
  if (process.stdin.isTTY) printToStderr(formatInstances(leaving));
  await confirmOrCancel({ question, hint: "add force=True", yes: false });
}

/** The network goes with its last instance; every instance of a folder's project is in the same one. */
function networkOf([first]: readonly ObservedInstance[]): string | undefined {
  return first && networkNameOf({ name: first.project, folder: first.folder });
}
