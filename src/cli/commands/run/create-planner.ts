import { withTrace } from "../../../ui/trace/trace.ts";
import { listListeningSockets } from "../../../runtime/host/listening-ports.ts";
import { digestFiles } from "../../../runtime/host/mounted-files.ts";
import { machineName } from "../../../runtime/host/engine-host.ts";
import { observe } from "../../../runtime/observe/observe.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { throwAll } from "../../../errors.ts";
import { imagesOf } from "../../../plan/resolve/images.ts";
import type { Observed } from "../../../model/observed.ts";
import type { RegisteredZone } from "../../../model/registered.ts";
import { planRun, type RunPlan } from "../../../plan/run-plan.ts";
import { mountedPaths } from "../../../plan/describe/mounted-files.ts";
import { portConflictErrors, publishedPorts } from "../../../plan/checks/taken-ports.ts";
import { locateOrigin } from "../../../project/origin.ts";
import { readHostValues } from "../../../project/host-conf.ts";
import type { MatchedReceipt } from "../../common/receipts/match.ts";
import type { RunOptions } from "./options.ts";
import { buildSettings } from "../../common/build-settings.ts";
import type { LockedProject } from "../../common/with-project-lock.ts";
import { withEngineNotice } from "../../common/context.ts";
import { readHostNetwork } from "../../../runtime/host/interfaces.ts";

/** What is planned with besides what is observed: what the DNS has registered, or images that will be there. */
interface PlannedWith {
  readonly registered?: RegisteredZone | undefined;
  readonly images?: Observed["images"];
  /** What other machines show, too. */
  readonly observed?: Observed;
  /** In place of those of the options. */
  readonly machineVariables?: RunOptions["machineVariables"];
}

/** Plans with the values that are known so far. */
export type Planner = (values: Readonly<Record<string, string>>, others?: PlannedWith) => RunPlan;

export interface CreatedPlanner {
  readonly observed: Observed;
  readonly planner: Planner;
  readonly matched: MatchedReceipt | undefined;
}

/** Observes the Engine once, and compares it with the receipt of the call. */
export async function createPlanner(
  options: RunOptions,
  engine: Engine,
  { previousRunFailed, jobs }: Pick<LockedProject, "previousRunFailed" | "jobs">,
): Promise<CreatedPlanner> {
  const { project } = options;
  const observing = observeFor(options, engine);
  // While the Engine answers.
  const host = engine.local ? readHostNetwork() : undefined;
  const files = digestFiles(mountedPaths(project, options.selections), project.folder);
  const { observed, hostHostname, matched, check } = await observing;
  const facts = {
    ...options,
    jobs,
    files,
    build: buildSettings({ cache: true, keepBundled: options.neverBuild }),
    previousRunFailed,
    hostHostname,
    hostAddresses: host?.addresses ?? (await engine.hostAddresses?.()),
    remoteEngine: engine.local ? undefined : engine.endpoint,
  };
  const planner: Planner = (values, others = {}) => {
    const { registered, observed: seen = observed, images = seen.images } = others;
    const { machineVariables = options.machineVariables } = others;
    const caller = { ...process.env, ...machineVariables };
    const hostConf = { ...readHostValues(project), ...values };
    const plan = planRun({
      ...facts,
      observed: { ...seen, images, ...(registered && { registered }) },
      sources: { caller, interfaces: host?.interfaces, hostConf },
    });
    check(plan);
    if (plan.missing.length === 0) checkPorts(plan, observed, options, engine);
    return plan;
  };
  return { observed, planner, matched };
}

interface ObservedFor extends Pick<CreatedPlanner, "observed" | "matched"> {
  readonly hostHostname: string;
  /** Refuses a plan that goes against the receipt, or against what another manager alone can see. */
  readonly check: (plan: RunPlan) => void;
}

async function observeFor(options: RunOptions, engine: Engine): Promise<ObservedFor> {
  const { project } = options;
  const receipt = options.receipt && (await import("./receipt.ts"));
  const [found, hostHostname, matched] = await withTrace("observe the Engine", () =>
    Promise.all([
      withEngineNotice(observe(engine, project, imagesOf(project))),
      machineName(engine),
      options.matched ?? receipt?.findTested(options, engine),
    ]),
  );
  const checkHidden =
    found.hiddenServices !== undefined &&
    (await import("../../common/hidden-services.ts")).hiddenCheck(found.hiddenServices, options);
  const observed = matched && receipt ? receipt.withTestedImages(found, matched) : found;
  const checkTested =
    matched &&
    (await (await import("./check-tested.ts")).testedCheck(matched, observed, options, engine));
  const check = (plan: RunPlan): void => {
    if (checkHidden) checkHidden(plan.steps);
    checkTested?.(plan);
  };
  return { observed, hostHostname, matched, check };
}

/** Reports every port that is taken, before anything is built or stopped. */
function checkPorts(
  { steps }: RunPlan,
  { publishers }: Observed,
  { project }: RunOptions,
  { local }: Engine,
): void {
  const listeners = local ? listListeningSockets(publishedPorts(steps)) : [];
  const locate = (origin: string): string | undefined => locateOrigin(origin, process.env);
  throwAll(portConflictErrors(steps, { project, publishers, listeners, locate }));
}
