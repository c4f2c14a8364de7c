import type { InstanceDefinition, Project } from "../../../model/project.ts";
import { matches } from "../../../plan/select/match.ts";
import { plainSelection, type Selection } from "../../../plan/select/selection.ts";
import { lockOptions, withProjectLock } from "../../common/with-project-lock.ts";
import { runSettings, type RunOptions } from "../run/options.ts";
import { runInstances } from "../run/run-instances.ts";

/** How instances are started for tests. */
export interface PlatformOptions {
  readonly project: Project;
  readonly group: string | undefined;
  readonly jobs: string | undefined;
  readonly yes: boolean;
}

/** Whether there is anything besides the tests. */
export function hasPlatform({
  project,
  group,
}: Pick<PlatformOptions, "project" | "group">): boolean {
  const isWanted = ({ autorun, group: own }: InstanceDefinition): boolean =>
    autorun && (group === undefined || (own !== undefined && matches(group, own)));
  return project.conf.instances.some(isWanted);
}

/** Builds what has changed, starts everything but the tests, and waits until it is ready. */
export async function startPlatform(options: PlatformOptions): Promise<void> {
  const { group } = options;
  if (!hasPlatform(options)) return;
  await runSelected({ ...plainSelection("all", group), deps: true }, options, undefined);
}

/**
 * Runs an instance that is a test.
 *
 * @param seconds for an instance that has no limit of its own
 * @throws ReynsError when it does not become ready, or ends with another status than 0
 */
export async function runTestInstance(
  definition: InstanceDefinition,
  options: PlatformOptions,
  seconds: number,
): Promise<void> {
  const { service, instance, timeout } = definition;
  const selection = { ...plainSelection(service), instance, deps: true };
  await runSelected(selection, options, timeout === undefined ? seconds : undefined);
}

async function runSelected(
  selection: Selection,
  { project, jobs, yes }: PlatformOptions,
  timeout: number | undefined,
): Promise<void> {
  const settings = runSettings({ ...noSettings, yes, json: true, build: true });
  const run: RunOptions = {
    ...settings,
    timeout,
    project,
    selections: [selection],
    recreate: false,
  };
  let running: Promise<unknown> = Promise.resolve();
  try {
    await withProjectLock(lockOptions(project, { jobs }), (locked) => {
      const result = runInstances(run, locked);
      running = result;
      return result;
    });
  } finally {
    // After an interruption, what has begun must not go on beside the removal.
    await Promise.race([running.catch(() => {}), Bun.sleep(longestStep)]);
  }
}

/** Milliseconds that a request to a slow Engine may take. */
const longestStep = 10_000;

const noSettings = {
  timeout: undefined,
  parallel: undefined,
  allowPublic: undefined,
  keep: undefined,
  prune: undefined,
  adopt: undefined,
};
