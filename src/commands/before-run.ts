import { existsSync } from "node:fs";
import { sep } from "node:path";
import type { RunPlan } from "../plan/run-plan.ts";
import { lastConf, readHostConf, saveHostConf } from "../project/host-conf.ts";
import type { Project } from "../project/types.ts";

/** A data folder that is missing may be one that was not mounted: nobody wants to start with an empty one then. */
export function dataFolderQuestion(
  plan: RunPlan,
  { dataFolder }: Project,
): { readonly question: string; readonly hint: string } | undefined {
  const needs = plan.steps.some(
    (step) =>
      step.kind === "start-instance" &&
      step.folders.some((folder) => folder.startsWith(dataFolder + sep)),
  );
  if (!needs || existsSync(dataFolder)) return undefined;
  const question = `Persistent data goes to ${dataFolder}, which is not there. Make it?`;
  const hint = `add yes=True, or make it: mkdir -p ${dataFolder}`;
  return { question, hint };
}

const standardConfs = new Set(["default", "run"]);

/** Keeps answers and the conf last used in host.conf, at once; the default conf only where another stood. */
export async function remember(
  { conf, folder }: Project,
  answers: Readonly<Record<string, string>>,
): Promise<void> {
  const before = readHostConf(folder)[lastConf];
  const isKnown = before === conf.name || (before === undefined && standardConfs.has(conf.name));
  const values = isKnown ? answers : { ...answers, [lastConf]: conf.name };
  if (Object.keys(values).length > 0) await saveHostConf(folder, values);
}
