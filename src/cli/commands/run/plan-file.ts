import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as v from "valibot";
import { ReynsError, throwAll } from "../../../errors.ts";
import { isRecord } from "../../../lib/is-record.ts";
import { parseJson } from "../../../lib/parse-json.ts";
import { sha256Hex } from "../../../lib/sha256.ts";
import { writeOutputFile } from "../../../lib/write-output-file.ts";
import type { ContainerFile } from "../../../model/container-files.ts";
import type { Project } from "../../../model/project.ts";
import { labels } from "../../../model/labels.ts";
import { secretName } from "../../../model/secret-names.ts";
import type { StartInstance, Step } from "../../../model/steps.ts";
import type { RunPlan } from "../../../plan/run-plan.ts";
import type { Selection } from "../../../plan/select/selection.ts";
import { readRegularFile } from "../../../lib/read-regular-file.ts";
import { rejectUnused } from "../../args/validate.ts";

const planSchema = v.object({
  format: v.literal(1),
  project: v.string(),
  folder: v.string(),
  conf: v.string(),
  selections: v.array(v.custom<Selection>(isRecord)),
  keep: v.boolean(),
  prune: v.boolean(),
  operations: v.array(
    v.object({ id: v.string(), title: v.string(), reason: v.string(), digest: v.string() }),
  ),
});

/** A plan as it was saved: what was asked for, and what would be done, without any value of it. */
export type SavedPlan = v.InferOutput<typeof planSchema>;

interface PlannedRun {
  readonly project: Project;
  readonly selections: readonly Selection[];
  readonly keep: boolean;
  readonly prune: boolean;
}

/**
 * Saves a plan, so that a later run does exactly this or nothing.
 *
 * @throws ReynsError INVALID_VALUE for a plan that is not complete
 */
export function savePlan(
  file: string,
  { project, selections, keep, prune }: PlannedRun,
  plan: RunPlan,
): void {
  throwAll([...unnamedErrors(selections, plan.steps), ...secretErrors(selections, plan.steps)]);
  const saved: SavedPlan = {
    format: 1,
    project: project.name,
    folder: project.folder,
    conf: project.conf.name,
    selections: [...selections],
    keep,
    prune,
    operations: operationsOf(plan.steps),
  };
  writeOutputFile(resolve(file), `${JSON.stringify(saved, undefined, 2)}\n`);
}

/** The random name of an instance would be another one when the plan is carried out. */
function unnamedErrors(selections: readonly Selection[], steps: readonly Step[]): ReynsError[] {
  const isRandom = startsOf(steps).some(
    ({ spec }) =>
      spec.labels[labels.adHoc] === "true" &&
      selections.some(({ instance, service }) => instance === undefined && service !== "all"),
  );
  if (!isRandom) return [];
  const hint = "add it: reyns plan SERVICE INSTANCE new=true out=FILE";
  return [
    new ReynsError("INVALID_VALUE", "a saved plan needs the name of the new instance", { hint }),
  ];
}

/** The values of `env` are part of a plan, and anybody may read its file. */
function secretErrors(selections: readonly Selection[], steps: readonly Step[]): ReynsError[] {
  const secrets = new Set(startsOf(steps).flatMap(({ spec }) => Object.keys(spec.secrets)));
  return selections
    .flatMap(({ env }) => Object.keys(env))
    .filter((name) => secrets.has(name) || secretName.test(name))
    .map((name) => {
      const hint = `set it in the environment of both commands instead: ${name}=... reyns plan out=FILE`;
      return new ReynsError("INVALID_VALUE", `a saved plan would show the value of ${name}`, {
        hint,
      });
    });
}

function startsOf(steps: readonly Step[]): StartInstance[] {
  return steps.filter((step) => step.kind === "start-instance");
}

type PlanArgs = Readonly<Record<string, unknown>> & {
  readonly plan: string;
  readonly build?: boolean | undefined;
  readonly pull?: boolean | undefined;
};

/** What a plan leaves open: how it is carried out, and where. */
const besidePlan = [
  ...["plan", "receipt", "allow", "allowPublic", "adopt", "copy", "ttl", "from", "node", "partial"],
  ...["attach", "show", "abortOnExit", "exitCodeFrom"],
  ...["parallel", "timeout", "stopTimeout", "wait", "jobs", "yes", "json"],
];

/**
 * The plan has the instances, their conf and all values that `plan` was called with.
 *
 * @throws ReynsError UNEXPECTED_ARGUMENT for what a call with a plan says as well
 */
export function rejectBesidePlan(parsed: PlanArgs): void {
  const { plan, build, pull } = parsed;
  // A plan has its own builds and pulls: only build=false has an effect, and pull=false is so anyway.
  const given = { ...parsed, build: build || undefined, pull: pull || undefined };
  const reason = `run plan=${plan} does what the plan says`;
  const hint = "plan again with it: reyns plan ... out=FILE; or leave it out";
  rejectUnused(given, besidePlan, reason, hint);
}

/** @throws ReynsError INVALID_VALUE when the file is no plan */
export function readPlan(file: string): SavedPlan {
  const path = resolve(file);
  const hint = "write one with: reyns plan out=FILE";
  if (!existsSync(path)) throw new ReynsError("INVALID_VALUE", `no such plan: ${file}`, { hint });
  const result = v.safeParse(planSchema, parseJson(readRegularFile(path).toString()));
  if (result.success) return result.output;
  throw new ReynsError("INVALID_VALUE", `${file} is not a plan of this version of Reyns`, { hint });
}

/**
 * Makes sure that a run would do what the saved plan says.
 *
 * @throws ReynsError PLAN_OUTDATED with every difference
 */
export function checkPlan(saved: SavedPlan, project: Project, steps: readonly Step[]): void {
  const now = operationsOf(steps);
  const before = new Map(saved.operations.map((operation) => [operation.id, operation]));
  const added = now.filter(({ id }) => !before.has(id)).map(({ title }) => `${title} is new`);
  const changed = now
    .filter(({ id, digest }) => before.has(id) && before.get(id)?.digest !== digest)
    .map(({ title, reason }) => `${title} has changed (${reason})`);
  const ids = new Set(now.map(({ id }) => id));
  const gone = saved.operations
    .filter(({ id }) => !ids.has(id))
    .map(({ title }) => `${title} is no longer needed`);
  const elsewhere = saved.project !== project.name || saved.folder !== project.folder;
  const moved = [
    ...(elsewhere ? [`it was made for ${saved.project} in ${saved.folder}`] : []),
    ...added,
    ...changed,
    ...gone,
  ];
  if (moved.length === 0) return;
  throw new ReynsError("PLAN_OUTDATED", "the plan no longer fits what is here; nothing was done", {
    hint: `${moved.join("\n")}\nplan again: reyns plan out=FILE`,
  });
}

/** They only wait for an instance, or follow from what the other operations do. */
const minorKinds: ReadonlySet<Step["kind"]> = new Set([
  "await-instance",
  "await-name",
  "keep-leases",
]);

/** What does not change the outcome: how long to wait, and for what. */
const minorFields = new Set(["after", "timeout"]);

/** Values of secrets and contents of files are left out: a digest of a short one would give it away. */
function operationsOf(steps: readonly Step[]): SavedPlan["operations"] {
  const changing = steps.filter(({ kind }) => !minorKinds.has(kind));
  return changing.map((step) => {
    const fields = Object.entries(step).filter(([name]) => !minorFields.has(name));
    const text = JSON.stringify(Object.fromEntries(fields), withoutValues);
    return {
      id: step.id,
      title: step.title,
      reason: step.reason,
      digest: sha256Hex(text).slice(0, 16),
    };
  });
}

function withoutValues(key: string, value: unknown): unknown {
  if (key === "hooks" || key === "formerHooks") return undefined;
  if (key === "secrets" || key === "files") return Object.keys(value as object);
  return key === "copiedFiles"
    ? (value as readonly ContainerFile[]).map(({ path }) => path)
    : value;
}
