import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { printJson } from "../../ui/output/print.ts";
import { ReynsError, throwAll } from "../../errors.ts";
import { confirmOrCancel } from "../../ui/prompts/prompts.ts";
import type { Engine } from "../../runtime/connect.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { Step } from "../../model/steps.ts";
import { lostKeysErrors } from "../../plan/checks/moved-folder.ts";
import { findLostData, type LostData } from "../../plan/checks/lost-data.ts";
import { observeNetworksWithUsers } from "../../runtime/observe/networks.ts";
import { findMissingImages } from "../../runtime/versions/images.ts";
import { openFiles } from "../../runtime/versions/sealed-files.ts";
import { readVersions } from "../../runtime/versions/store.ts";
import type { ProjectFolder } from "../../model/project.ts";
import { keysFolder, stateFolder } from "../../model/resource-names.ts";
import {
  findRollback,
  imageOf,
  planRollback,
  withVersions,
  type Rollback,
} from "../../plan/rollback-plan.ts";
import { rollbackLeases } from "../../plan/dns-keeper.ts";
import { withoutAttached } from "../../plan/select/choose.ts";
import { readHostValues } from "../../project/host-conf.ts";
import { applyPlan } from "../common/apply-plan.ts";
import { locateProject } from "../common/context.ts";
import { instancesOnHosts } from "../common/instances-json.ts";
import { lostDataQuestion } from "../common/lost-data-question.ts";
import { rollbackRoutes } from "../common/rollback-routes.ts";
import {
  planParts,
  resolveInstances,
  type InstancesArgs,
  type ResolvedInstances,
} from "../common/resolve-instances.ts";
import { lockOptions, withProjectLock, type LockedProject } from "../common/with-project-lock.ts";

export const examples: Examples = [
  ["reyns rollback web", "all instances of a service, to the version before"],
  ["reyns rollback web one", "one instance"],
  ["reyns rollback web one to=3", "to a version that reyns info lists"],
];

export const command = defineCommand({
  meta: {
    name: "rollback",
    description:
      "Goes back to an earlier version of an instance: its image and its definition as they were. What runs now comes back if that does not become ready; with a route, it serves until then. Secrets have the values that they have now. The next run applies the definition again.",
  },
  args: {
    service: args.optionalService("Name of the service, or a pattern", "PRESENT"),
    instance: args.instances,
    to: {
      type: "string",
      valueHint: "VERSION",
      description: "The version; the one before by default",
    },
    group: args.group,
    timeout: args.timeout,
    wait: args.wait,
    jobs: args.jobs,
    yes: args.yes,
    json: args.json,
  },
  run: async ({ args: { service, instance, to, group, timeout, wait, jobs, yes, json } }) => {
    const target = { service, instance, group, example: "reyns rollback web" };
    const version = to === undefined ? undefined : args.parseWholeNumber(to, "to");
    const seconds = args.parseSeconds(timeout);
    const place = await locateProject();
    const hosts = await withProjectLock(lockOptions(place, { wait, jobs }), async (locked) => {
      const resolve = (): Promise<ResolvedRollback> =>
        resolveRollback(target, { version, seconds, place });
      const { engine, affected, steps } = await confirmed(resolve, locked, yes === true);
      await applyPlan(steps, engine, { locked, place });
      return affected.map(({ host }) => host);
    });
    if (json) printJson(await instancesOnHosts(hosts));
  },
});

interface ResolvedRollback extends Pick<ResolvedInstances, "engine"> {
  readonly affected: readonly ObservedInstance[];
  readonly steps: readonly Step[];
  readonly lostData: readonly LostData[];
}

/** Asks before an instance gets other volumes than it has now; resolves again after that, as others may have changed it. */
async function confirmed(
  resolve: () => Promise<ResolvedRollback>,
  locked: LockedProject,
  yes: boolean,
): Promise<ResolvedRollback> {
  const resolved = await resolve();
  const question = lostDataQuestion(resolved.lostData);
  if (question === undefined || yes) return resolved;
  const hint = "add yes=true, or choose another version with to=";
  await locked.releaseLockWhile(() => confirmOrCancel({ question, hint, yes }));
  return resolve();
}

interface WantedVersion {
  /** The one before where it is undefined. */
  readonly version: number | undefined;
  /** To become ready. */
  readonly seconds: number | undefined;
  readonly place: ProjectFolder;
}

async function resolveRollback(
  target: InstancesArgs,
  { version, seconds, place }: WantedVersion,
): Promise<ResolvedRollback> {
  const resolved = await resolveInstances({ ...target, onContainers: true });
  const affected = withVersions(withoutAttached(resolved.chosen, target));
  throwAll(lostKeysErrors(affected));
  const found = collect(affected, (instance) =>
    findRollback({ instance, versions: readVersions(stateFolder(place), instance) }, version),
  );
  const rollbacks = await Promise.all(found.map((rollback) => withSecretFiles(rollback, place)));
  const secrets = findSecrets(rollbacks, place);
  const steps = await planParts(resolved, (part) =>
    planPart(part, { rollbacks, secrets, seconds }),
  );
  const replacements = rollbacks.map(({ instance: existing, target: { start } }) => ({
    existing,
    step: start,
  }));
  return { engine: resolved.engine, affected, steps, lostData: findLostData(replacements) };
}

interface PlannedRollbacks extends Pick<WantedVersion, "seconds"> {
  readonly rollbacks: readonly Rollback[];
  readonly secrets: Readonly<Record<string, string>>;
}

/** What is to be done on one Engine. */
async function planPart(
  part: ResolvedInstances,
  { rollbacks, secrets, seconds }: PlannedRollbacks,
): Promise<Step[]> {
  const { engine, chosen, keeperContext } = part;
  const own = rollbacks.filter(({ instance }) => chosen.includes(instance));
  if (own.length === 0) return [];
  await requireImages(engine, own);
  const isRouted = own.some((one) => one.target.start.handover !== undefined);
  const networks = isRouted ? await observeNetworksWithUsers(engine) : [];
  const starts = planRollback(own, secrets, networks).map((step) => ({
    ...step,
    timeout: seconds ?? step.timeout,
  }));
  const instances = own.map(({ instance }) => instance);
  const routes = await rollbackRoutes(starts, part);
  return [...rollbackLeases(starts, instances, keeperContext), ...routes];
}

/** All results, or all errors at once. */
function collect<Item, Result>(items: readonly Item[], map: (item: Item) => Result): Result[] {
  const errors: ReynsError[] = [];
  const results = items.flatMap((item) => {
    try {
      return [map(item)];
    } catch (error) {
      if (!(error instanceof ReynsError)) throw error;
      errors.push(error);
      return [];
    }
  });
  throwAll(errors);
  return results;
}

/** @throws ReynsError UNKNOWN_VERSION for a version whose secrets no one can read any more */
async function withSecretFiles(rollback: Rollback, { folder }: ProjectFolder): Promise<Rollback> {
  const { instance, target } = rollback;
  const { copiedFiles } = target.start.spec;
  if (!copiedFiles) return rollback;
  const files = await openFiles(copiedFiles, keysFolder({ folder }));
  if (files) {
    const spec = { ...target.start.spec, copiedFiles: files };
    return { instance, target: { ...target, start: { ...target.start, spec } } };
  }
  const message = `the secrets of version ${target.version} of ${instance.host} were recorded with other keys`;
  const hint = "check out the commit that reyns info names, then: reyns run";
  throw new ReynsError("UNKNOWN_VERSION", message, { hint });
}

/** @throws ReynsError UNKNOWN_VERSION for versions whose image is gone */
async function requireImages(engine: Engine, rollbacks: readonly Rollback[]): Promise<void> {
  const missing = await findMissingImages(
    engine,
    rollbacks.map(({ target }) => imageOf(target)),
  );
  throwAll(
    rollbacks
      .filter(({ target }) => missing.has(imageOf(target)))
      .map(({ instance: { host }, target: { version } }) => {
        const message = `the image of version ${version} of ${host} is no longer on the Engine`;
        const hint = "check out the commit that reyns info names, then: reyns run";
        return new ReynsError("UNKNOWN_VERSION", message, { hint });
      }),
  );
}

/**
 * Looks the secrets up where `run` does.
 *
 * @throws ReynsError MISSING_VARIABLE
 */
function findSecrets(rollbacks: readonly Rollback[], place: ProjectFolder): Record<string, string> {
  const names = [...new Set(rollbacks.flatMap(({ target }) => target.secrets))];
  const hostConf = readHostValues(place);
  const values = names.map((name) => [name, process.env[name] ?? hostConf[name]] as const);
  const missing = values.flatMap(([name, value]) => (value === undefined ? [name] : []));
  throwAll(
    missing.map((name) => {
      const hint = `secrets are not recorded: set it in the environment, or in host.conf`;
      return new ReynsError("MISSING_VARIABLE", `${name} has no value`, { hint });
    }),
  );
  return Object.fromEntries(values.map(([name, value]) => [name, value ?? ""]));
}
