import { existsSync } from "node:fs";
import { sep } from "node:path";
import type { RunPlan } from "../../../plan/run-plan.ts";
import { checkDataFolder, claimDataFolder } from "../../../project/data-folder.ts";
import { lastConf, readHostConf, saveHostConf } from "../../../project/host-conf.ts";
import type { Project } from "../../../model/project.ts";

/**
 * A data folder that is missing may be one that was not mounted: nobody wants to start with an empty one then.
 *
 * @throws ReynsError INVALID_PROJECT when it has another project's data
 */
export function dataFolderQuestion(
  plan: RunPlan,
  project: Project,
): { readonly question: string; readonly hint: string } | undefined {
  const { dataFolder } = project;
  if (!needsDataFolder(plan, project)) return undefined;
  checkDataFolder(project);
  if (existsSync(dataFolder)) return undefined;
  const question = `Persistent data goes to ${dataFolder}, which is not there. Make it?`;
  const hint = `add yes=True, or make it: mkdir -p ${dataFolder}`;
  return { question, hint };
}

/** Makes the data folder this project's, if the plan needs it. */
export function claimDataFolderIfNeeded(plan: RunPlan, project: Project): void {
  if (needsDataFolder(plan, project)) claimDataFolder(project);
}

function needsDataFolder({ steps }: RunPlan, { dataFolder }: Project): boolean {
  return steps.some(
    (step) =>
      step.kind === "start-instance" &&
      step.folders.some((folder) => folder.startsWith(dataFolder + sep)),
  );
}

const standardConfs = new Set(["default", "run"]);

/** Keeps answers and the conf last used in host.conf, at once; the default conf only where another stood. */
export function saveAnswers(
  { conf, folder }: Project,
  answers: Readonly<Record<string, string>>,
): void {
  const before = readHostConf(folder)[lastConf];
  const isKnown = before === conf.name || (before === undefined && standardConfs.has(conf.name));
  const values = isKnown ? answers : { ...answers, [lastConf]: conf.name };
  if (Object.keys(values).length > 0) saveHostConf(folder, values);
}
