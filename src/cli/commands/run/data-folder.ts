import { existsSync } from "node:fs";
import { sep } from "node:path";
import type { RunPlan } from "../../../plan/run-plan.ts";
import { checkDataFolder, claimDataFolder } from "../../../project/data-folder.ts";
import { lastConfKey, readHostConf, saveHostConf } from "../../../project/host-conf.ts";
import type { Project } from "../../../model/project.ts";

/**
 * The question before a data folder is created: a missing one may just not be mounted, and nobody wants to start with
 * empty data then.
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
  const question = `The folder for persistent data, ${dataFolder}, does not exist. Create it?`;
  const hint = `add yes=true, or create it: mkdir -p ${dataFolder}`;
  return { question, hint };
}

/** Claims the data folder for this project, if the plan needs it. */
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

/** Saves answers and the conf of this run to host.conf; leaves the conf out where it is the default, as before. */
export function saveAnswers(
  { conf, folder }: Project,
  answers: Readonly<Record<string, string>>,
): void {
  const previous = readHostConf(folder)[lastConfKey];
  const isSaved =
    previous === conf.name || (previous === undefined && standardConfs.has(conf.name));
  const values = isSaved ? answers : { ...answers, [lastConfKey]: conf.name };
  if (Object.keys(values).length > 0) saveHostConf(folder, values);
}
