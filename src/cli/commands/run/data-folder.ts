import { existsSync } from "node:fs";
import { join, sep } from "node:path";
import type { RunPlan } from "../../../plan/run-plan.ts";
import { checkDataFolder, claimDataFolder } from "../../../project/data-folder.ts";
import {
  hostConfFolder,
  lastConfKey,
  readHostConf,
  saveHostConf,
} from "../../../project/host-conf.ts";
import { isCopy } from "../../../model/copy-origin.ts";
import type { Project } from "../../../model/project.ts";
import { dataFolderMarker, hostConfFile, mainDataFolder } from "../../../model/resource-names.ts";
import { addToGitIgnore, findUnignored } from "../../../project/git-ignore.ts";
import { log } from "../../../ui/output/log.ts";
import { lostDataQuestion } from "../../common/lost-data-question.ts";

interface Question {
  readonly question: string;
  readonly hint: string;
}

/** What has to be confirmed before plans are carried out, and has not been yet. */
export function openQuestions(
  plans: readonly RunPlan[],
  project: Project,
  { confirmed }: { readonly confirmed: readonly string[] },
): Question[] {
  return plans
    .flatMap((plan) => [dataFolderQuestion(plan, project), volumeQuestion(plan)])
    .filter((asked) => asked !== undefined)
    .filter(({ question }) => !confirmed.includes(question));
}

function volumeQuestion({ lostData }: RunPlan): Question | undefined {
  const question = lostDataQuestion(lostData);
  return question === undefined
    ? undefined
    : { question, hint: "add yes=true, or name the volume as before" };
}

/**
 * The question before a data folder is created: a missing one may just not be mounted, and nobody wants to start with
 * empty data then.
 *
 * @throws ReynsError INVALID_PROJECT when it has another project's data
 */
function dataFolderQuestion(plan: RunPlan, project: Project): Question | undefined {
  const { dataFolder } = project;
  if (!needsDataFolder(plan, project)) return undefined;
  checkDataFolder(project);
  // That of a copy is new like the copy.
  if (existsSync(dataFolder) || isCopy(project)) return undefined;
  const question = `The folder for persistent data, ${dataFolder}, does not exist. Create it?`;
  const hint = `add yes=true, or create it: mkdir -p ${dataFolder}`;
  return { question, hint };
}

/** Claims the data folder for this project, if the plan needs it. */
export function claimDataFolderIfNeeded(plan: RunPlan, project: Project): void {
  if (!needsDataFolder(plan, project)) return;
  const { folder, dataFolder } = project;
  const isFirst = !existsSync(join(dataFolder, dataFolderMarker));
  claimDataFolder(project);
  if (isFirst) ignoreInGit(folder, mainDataFolder(project) + sep);
}

function ignoreInGit(folder: string, path: string): void {
  const added = addToGitIgnore(folder, [path]);
  if (added.length > 0)
    log.info(`added ${added.join(", ")} to .gitignore: it is of this host only`);
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
export async function saveAnswers(
  project: Project,
  answers: Readonly<Record<string, string>>,
): Promise<void> {
  const { conf } = project;
  const previous = readHostConf(hostConfFolder(project))[lastConfKey];
  const isSaved =
    previous === conf.name || (previous === undefined && standardConfs.has(conf.name));
  await saveValues(project, isSaved ? answers : { ...answers, [lastConfKey]: conf.name });
}

/**
 * Saves answers at once, so that a run that fails asks no more for them. The place of a copy may be made later.
 *
 * @param saved those to keep for this host
 */
export async function keepAnswers(
  project: Project,
  saved: Readonly<Record<string, string>>,
): Promise<void> {
  if (Object.keys(saved).length > 0 && existsSync(hostConfFolder(project)))
    await saveValues(project, saved);
}

/** A host.conf that somebody has written is kept out of git, too, unless it is in there already. */
async function saveValues(
  project: Project,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const { folder } = project;
  const confFolder = hostConfFolder(project);
  if (Object.keys(values).length > 0) saveHostConf(confFolder, values);
  const file = join(folder, hostConfFile);
  if (confFolder !== folder || !existsSync(file)) return;
  if (findUnignored(folder, [file]).length === 0) return;
  const { askGit } = await import("../../../runtime/versions/commit.ts");
  const tracked = await askGit(folder, ["ls-files", "--error-unmatch", "--", file]);
  if (tracked === undefined) ignoreInGit(folder, file);
}
