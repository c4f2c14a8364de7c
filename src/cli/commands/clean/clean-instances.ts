import { instanceTable } from "../../../ui/views/instances.ts";
import { tell } from "../../../ui/output/print.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { observeNetwork } from "../../../runtime/observe/observe.ts";
import { planRemoveData, type KeptData } from "../../../plan/remove-data.ts";
import { withoutLeases } from "../../../plan/dns-keeper.ts";
import { planClean } from "../../../plan/lifecycle-plan.ts";
import { networkNameOf } from "../../../model/resource-names.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { Step } from "../../../model/steps.ts";
import type { Change } from "../../shared/with-project-lock.ts";
import { observeData, questionOf } from "./data.ts";
import { perform } from "../../shared/apply-plan.ts";
import { theInstances, type Found, type Wanted } from "../../shared/resolve-instances.ts";

export interface Cleaning {
  readonly wanted: Wanted;
  /** Hosts that alone are meant; all of the wanted ones when undefined. */
  readonly named: ReadonlySet<string> | undefined;
  /** Their data goes as well. */
  readonly data: boolean;
  /** Nothing has to be asked. */
  readonly isSure: boolean;
}

interface Cleaned {
  readonly project: Found["project"];
  readonly leaving: readonly ObservedInstance[];
  readonly steps: readonly Step[];
}

/** Removes what a call means, after the question that comes before. */
export async function cleanInstances(cleaning: Cleaning, change: Change): Promise<Cleaned> {
  const first = await look(cleaning);
  const question = cleaning.isSure ? undefined : questionAbout(first);
  if (question !== undefined) await change.aside(() => ask(first.leaving, question));
  // Others may have gone first; and what has come since was on no list.
  const now = question === undefined ? first : await look(cleaning, first.leaving);
  const { found, leaving, kept } = now;
  const { engine, place, project, all, scene } = found;
  const network = leaving.length > 0 ? networkOf(leaving) : await observeNetwork(engine, project);
  const removals = withoutLeases(planClean(leaving, all, network), leaving, scene);
  const steps = [...removals, ...planRemoveData(kept, removals)];
  await perform(steps, engine, { change, folder: place.folder });
  return { project, leaving, steps };
}

interface Look {
  readonly found: Found;
  readonly leaving: readonly ObservedInstance[];
  readonly kept: readonly KeptData[];
}

async function look(
  { wanted, named, data }: Cleaning,
  among?: readonly ObservedInstance[],
): Promise<Look> {
  const found = await theInstances(wanted);
  const leaving = found.chosen.filter(
    ({ id, host }) => (named?.has(host) ?? true) && (among?.some((one) => one.id === id) ?? true),
  );
  return { found, leaving, kept: data ? await observeData(found.engine, leaving) : [] };
}

/** One instance goes unasked, its data does not. */
function questionAbout({ leaving, kept }: Look): string | undefined {
  const aboutData = questionOf(kept);
  if (leaving.length < 2) return aboutData;
  return aboutData ?? `Stop and remove these ${leaving.length} instances?`;
}

/** The list comes first: whoever answers knows what goes. */
async function ask(leaving: readonly ObservedInstance[], question: string): Promise<void> {
  if (process.stdin.isTTY) tell(instanceTable(leaving));
  await confirmOrCancel({ question, hint: "add force=True", yes: false });
}

/** The network goes with its last instance; every instance of a folder's project is in the same one. */
function networkOf([first]: readonly ObservedInstance[]): string | undefined {
  return first && networkNameOf({ name: first.project, folder: first.folder });
}
