import { log } from "../../ui/output/log.ts";
import { withTrace, recordSpan } from "../../ui/trace/trace.ts";
import { withSlowNotice } from "../../ui/progress/slow-notice.ts";
import { openEngine, type ConnectOptions, type Engine } from "../../runtime/connect.ts";
import { observeContainers } from "../../runtime/observe/containers.ts";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { ObservedInstance, ObservedKeeper } from "../../model/observed.ts";
import { isCopy } from "../../model/copy-origin.ts";
import {
  findProject,
  mayHaveNodes,
  nodeVariable,
  type ProjectPlace,
} from "../../project/locate.ts";
import { recordOrigin } from "./record-origin.ts";
import { guessProjectName } from "../../project/guess-name.ts";
import { throwAll, type ReynsError } from "../../errors.ts";
import type { Environment } from "../../lib/environment.ts";
import type { ProjectNode } from "../../model/nodes.ts";
import type { Project } from "../../model/project.ts";
import { copiesFolder, throwAwayFolder } from "../../model/resource-names.ts";

let connected: Promise<Engine> | undefined;

/**
 * Connects to the Engine of the caller's environment, once: over ssh, each connection is a login. `LOG_LEVEL=DEBUG` logs
 * each request, `REYNS_TRACE` records it.
 */
export function connectEngine(): Promise<Engine> {
  connected ??= open(process.env, (connecting) =>
    withSlowNotice("connecting to the Engine", connecting),
  );
  return connected;
}

export interface NodesConnection {
  /** The call is about what is defined: mistakes are reported before a connection can fail because of them. */
  readonly needsDefinition?: boolean;
}

/** Connects to the Engines of all the project's nodes, or else to the caller's. */
export async function connectAll(place: ProjectPlace, options?: NodesConnection): Promise<Engine> {
  if (!mayHaveNodes(place) && process.env[nodeVariable] === undefined) return connectEngine();
  const { connectNodes } = await import("./nodes.ts");
  return (await connectNodes(place, options)) ?? connectEngine();
}

/** Connects to the Engine of a node. */
export async function openNode(node: ProjectNode): Promise<Engine> {
  const { nodeEnvironment, selectingVariables } = await import("../../model/nodes.ts");
  const env = nodeEnvironment(node, process.env);
  const engine = await open(env);
  const selected = Object.fromEntries(selectingVariables.map((name) => [name, env[name]]));
  return {
    ...engine,
    sharedEnvironment: async () => ({ ...selected, ...(await engine.sharedEnvironment()) }),
  };
}

function open(
  env: Environment,
  whileConnecting?: ConnectOptions["whileConnecting"],
): Promise<Engine> {
  return openEngine(env, {
    onCall: ({ method, path, milliseconds }) => {
      recordSpan("engine", `${method} ${path.split("?")[0]}`, milliseconds, { path });
      log.debug(`${method} ${path} ${milliseconds.toFixed(1)} ms`);
    },
    whileConnecting,
  });
}

/**
 * Finds the project from the working directory and the environment; runs no definition. Records where it is now, and says
 * so if it has moved.
 */
export async function locateProject(): Promise<ProjectPlace> {
  const place = await findProject(process.cwd(), process.env, basename(process.argv0));
  recordOrigin(place.folder);
  await removeLeftCopies(place);
  return place;
}

let isChecked = false;

/** Once a call, before it does anything with the project. Most projects have no copies. */
async function removeLeftCopies(place: ProjectPlace): Promise<void> {
  if (isChecked) return;
  isChecked = true;
  if (existsSync(throwAwayFolder(place.folder)))
    await (await import("./abandoned-copies.ts")).removeAbandonedCopies(place.folder);
  if (!existsSync(copiesFolder(place.folder))) return;
  await (await import("./resume-paused.ts")).resumePaused(place);
  await (await import("./expired-copies.ts")).removeExpiredCopies(place);
}

/**
 * Reads the whole project, which runs its definition.
 *
 * @throws ReynsErrors with all its mistakes, as `check` finds them; UNKNOWN_CONF
 */
export async function loadProject(
  conf?: string,
  env = process.env as Environment,
): Promise<Project> {
  const place = await locateProject();
  const { inspectProject } = await import("../../project/read.ts");
  const read = withDefinitionNotice(inspectProject(place, env, conf));
  const { project, errors } = await read;
  if (errors.length > 0) throwAll(await withPlanErrors(project, errors));
  if (project.conf.nodes) (await import("./nodes.ts")).useNodesOf(project.conf);
  return project;
}

/** Mistakes that a plan would show only after the others are fixed. */
export async function withPlanErrors(
  project: Project,
  errors: readonly ReynsError[],
): Promise<ReynsError[]> {
  const [{ findPlanErrors }, { sortErrors }] = await Promise.all([
    import("../../plan/check-plan.ts"),
    import("../../project/read.ts"),
  ]);
  return sortErrors([...errors, ...findPlanErrors(project)]);
}

/** Traces the reading of a definition, with a notice when it is slow: it may run commands or use the network. */
export function withDefinitionNotice<Value>(reading: Promise<Value>): Promise<Value> {
  return withTrace("read the definition", () =>
    withSlowNotice("reading the definition", reading, { printsOutput: true }),
  );
}

/** The project's instances, as the Engine lists them. */
export interface ListedInstances {
  readonly engine: Engine;
  readonly place: ProjectPlace;
  /** The name is undefined when only running the definition would tell it, and nothing of it is there. */
  readonly project: Pick<ProjectPlace, "folder" | "origin" | "movedFrom"> & {
    readonly name: string | undefined;
  };
  readonly instances: readonly ObservedInstance[];
  readonly keeper: ObservedKeeper | undefined;
  /** Names of other projects that have instances in this folder, such as this one's former name. */
  readonly others: readonly string[];
}

interface ListingOptions extends NodesConnection {
  /** A copy need not have been run yet. */
  readonly mayBeNew?: boolean;
  /** The caller changes what is listed, so nothing may be hidden from it. */
  readonly changes?: boolean | undefined;
}

/**
 * Lists the project's instances, stopped ones included, without running its definition.
 *
 * @throws ReynsError UNKNOWN_COPY, ENGINE_REFUSED for services that only another Engine tells of
 */
export async function listInstances(options: ListingOptions = {}): Promise<ListedInstances> {
  const { mayBeNew = false, changes = false } = options;
  const place = await locateProject();
  const { folder, origin, movedFrom } = place;
  const engine = await connectAll(place, options);
  const guessName = (): Promise<string | undefined> => guessProjectName(place, process.env);
  const { name, hiddenServices, ...observed } = await withEngineNotice(
    observeContainers(engine, place, guessName, async () => (await loadProject()).name),
  );
  if (hiddenServices !== undefined)
    (await import("./hidden-services.ts")).reportHidden(hiddenServices, { place, changes, engine });
  if (observed.instances.length === 0 && isCopy(place) && !mayBeNew)
    (await import("./require-copy.ts")).requireCopy(place);
  return { engine, place, project: { name, folder, origin, movedFrom }, ...observed };
}

/** Names the instances of the folder that a command leaves alone, because they belong to another project. */
export function noteOtherProjects({ others }: Pick<ListedInstances, "others">): void {
  for (const name of others)
    log.info(`this folder also runs the project "${name}": reyns -p ${name} ps`);
}

/** Shows a notice when the Engine is slow to answer: it may be busy or far away. */
export function withEngineNotice<Value>(answer: Promise<Value>): Promise<Value> {
  return withSlowNotice("asking the Engine", answer);
}
