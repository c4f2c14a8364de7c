import digests from "../../../../dist/digests.json" with { type: "json" };
import { ReynsError } from "../../../errors.ts";
import { checkDisk, checkEngineDisk } from "../../../runtime/doctor/disk.ts";
import { checkEngine } from "../../../runtime/doctor/engine.ts";
import { bad, warning, type Finding } from "../../../runtime/doctor/finding.ts";
import { checkDnsPort } from "../../../runtime/doctor/dns-port.ts";
import { checkAddresses, checkSsh } from "../../../runtime/doctor/host.ts";
import { checkImages } from "../../../runtime/doctor/images.ts";
import { checkHostConf, checkKeys } from "../../../runtime/doctor/keys.ts";
import { checkInstances } from "../../../runtime/doctor/instances.ts";
import { checkLock } from "../../../runtime/doctor/lock.ts";
import { checkKeyDrafts } from "../../../runtime/doctor/key-drafts.ts";
import { checkLeftovers } from "../../../runtime/doctor/leftovers.ts";
import { checkSharedVolumes } from "../../../runtime/doctor/shared-volumes.ts";
import { checkRouter } from "../../../runtime/doctor/router.ts";
import { withTimeout } from "../../../runtime/doctor/timeout.ts";
import { isRootless } from "../../../runtime/host/engine-host.ts";
import { observeAllContainers, observeContainers } from "../../../runtime/observe/containers.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { checkNetworks } from "./check-networks.ts";
import { checkOwnSwarm, checkSwarm } from "./check-swarm.ts";
import { carriedImages } from "../../../plan/resolve/images.ts";
import { nodesOf, type ProjectNode } from "../../../model/nodes.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { Project } from "../../../model/project.ts";
import {
  dataFolderOf,
  mayHaveNodes,
  nodeVariable,
  type ProjectPlace,
} from "../../../project/locate.ts";
import { locateOrigin } from "../../../project/origin.ts";
import { guessProjectName } from "../../../project/guess-name.ts";
import { locateProject } from "../../common/context.ts";
import { listHostAddresses } from "../../../runtime/host/interfaces.ts";

type Check = readonly [name: string, run: () => Promise<readonly Finding[]>];

/** Checks this machine, and the project if there is one; all checks run at the same time, each with a timeout. */
export async function runChecks(): Promise<Finding[]> {
  const place = await findProjectIfAny();
  const spread = place && (await findSpread(place));
  if (place && spread) return runOnNodes(place, spread);
  const { finding, engine } = await checkEngine(process.env);
  const isElsewhere = engine !== undefined && !engine.local;
  const checks: Check[] = [
    ["disk", async () => (engine ? checkEngineDisk(engine) : [])],
    ["disk", async () => (place ? [await checkDataDisk(place)] : [])],
    ...(isElsewhere ? [] : hostChecks(engine)),
    ["ssh", async () => [checkSsh()]],
    ...(place ? projectChecks(place, engine ? [engine] : []) : []),
    ...(engine ? engineChecks(engine, place) : []),
    ...(engine && place ? instancesChecks(engine, place) : []),
    ...(engine && place ? definitionChecks(engine, place) : []),
  ];
  const found = await Promise.all(checks.map(runCheck));
  return [finding, ...found.flat()];
}

interface Spread {
  readonly project: Project;
  readonly errors: readonly ReynsError[];
  readonly nodes: readonly ProjectNode[];
}

/** The machines of a conf that is spread over several; reads the definition only where it may name any. */
async function findSpread(place: ProjectPlace): Promise<Spread | undefined> {
  if (!mayHaveNodes(place) && process.env[nodeVariable] === undefined) return undefined;
  const found = await (await import("../../common/nodes.ts")).listNodes(place);
  return found.nodes.length > 0 ? found : undefined;
}

/** What concerns an Engine, on all of them; what concerns the project, once. */
async function runOnNodes(
  place: ProjectPlace,
  { project, errors, nodes }: Spread,
): Promise<Finding[]> {
  const { checkNodeEngines, checkNodeImages } = await import("./check-nodes.ts");
  const { findings, ...answers } = await checkNodeEngines(nodes, project);
  const { reached } = answers;
  const [builder] = nodesOf(project.conf);
  const shared: Check[] = [
    ["ssh", async () => [checkSsh()]],
    ...projectChecks(
      place,
      reached.map(({ engine }) => engine),
    ),
    ["images", () => checkNodeImages(reached, project)],
    ["project", async () => mistakeWarnings(errors)],
    ...comparisons(errors, [["swarm", () => checkSwarm(answers, project)]]),
  ];
  const own = reached.map(async ({ node: { name }, engine }) => {
    const checks: Check[] = [
      ...checksOnNode(engine, place, name === builder?.name),
      ...comparisons(errors, [
        ["networks", () => checkNetworks(engine, project, name)],
        ["volumes", () => checkSharedVolumes(engine, project)],
      ]),
    ];
    const found = await Promise.all(checks.map(runCheck));
    return found.flat().map((finding) => ({ ...finding, node: name }));
  });
  const found = await Promise.all([...own, ...shared.map(runCheck)]);
  const all = [...findings, ...found.flat()];
  const named = new Set(nodes.map(({ name }) => name));
  const byNode = [...named].flatMap((name) => all.filter(({ node }) => node === name));
  // The swarm is that of all machines, also of those that the call does not name.
  return [...byNode, ...all.filter(({ node }) => node === undefined || !named.has(node))];
}

/** The base images are needed where the others are built: on the first node of the conf. */
function checksOnNode(engine: Engine, place: ProjectPlace, isBuilder: boolean): Check[] {
  const [images, ...others] = engineChecks(engine, place);
  return [
    ...(engine.local ? hostChecks(engine) : []),
    ["disk", () => checkEngineDisk(engine)],
    ...(isBuilder && images ? [images] : []),
    ...others,
    ...instancesChecks(engine, place),
  ];
}

/** What the instances on this host need of it; nothing of an Engine on another one. */
function hostChecks(engine: Engine | undefined): Check[] {
  return [
    ["port 53", async () => checkPublishing(engine)],
    ["network", async () => [checkAddresses(listHostAddresses())]],
  ];
}

function projectChecks(place: ProjectPlace, engines: readonly Engine[]): Check[] {
  const listInstances = async (): Promise<ObservedInstance[]> => {
    const found = await Promise.all(
      engines.map((engine) => withTimeout(engine, observeContainers(engine, place, findName))),
    );
    return found.flatMap(({ instances }) => instances);
  };
  const findName = (): Promise<string | undefined> => guessProjectName(place, process.env);
  return [
    ["project", async () => checkLock(place)],
    ["keys", () => checkKeys(place, listInstances)],
    ["host.conf", () => checkHostConf(place)],
    ["keys", () => checkKeyDrafts(place, nowInSeconds())],
  ];
}

function engineChecks(engine: Engine, place: ProjectPlace | undefined): Check[] {
  const locate = (origin: string): string | undefined => locateOrigin(origin, process.env);
  return [
    ["images", async () => checkImages(engine, { names: carriedImages, assets: digests.images })],
    ["leftovers", () => checkLeftovers(engine, { place, locate }, nowInSeconds())],
  ];
}

function instancesChecks(engine: Engine, place: ProjectPlace): Check[] {
  const findName = (): Promise<string | undefined> => guessProjectName(place, process.env);
  return [
    ["instances", () => checkInstances(engine, place, findName, listHostAddresses())],
    ["router", () => checkRouter(engine, place, findName)],
  ];
}

/** What is compared with the definition. Older confs declare none of it. */
function definitionChecks(engine: Engine, place: ProjectPlace): Check[] {
  if (place.script === undefined && place.compose === undefined) return [];
  const compare = async (): Promise<Finding[]> => {
    const { inspectProject } = await import("../../../project/read.ts");
    const { project, errors } = await inspectProject(place, process.env);
    const checks = comparisons(errors, [
      ["networks", () => checkNetworks(engine, project)],
      ["swarm", () => checkOwnSwarm(engine, project)],
      ["volumes", () => checkSharedVolumes(engine, project)],
    ]);
    const found = await Promise.all(checks.map(runCheck));
    return [...mistakeWarnings(errors), ...found.flat()];
  };
  return [["project", compare]];
}

/** Nothing can be compared with a definition that has mistakes. */
function comparisons(errors: readonly ReynsError[], checks: readonly Check[]): readonly Check[] {
  return errors.length === 0 ? checks : [];
}

/** `check` is for the mistakes themselves. */
function mistakeWarnings(errors: readonly ReynsError[]): Finding[] {
  if (errors.length === 0) return [];
  return [warning("project", "the definition has mistakes", { remedy: "reyns check" })];
}

function nowInSeconds(): number {
  return Date.now() / 1000;
}

async function findProjectIfAny(): Promise<ProjectPlace | undefined> {
  try {
    return await locateProject();
  } catch (error) {
    if (error instanceof ReynsError && !process.env["PROJECT_DIR"]) return undefined;
    throw error;
  }
}

async function checkDataDisk(place: ProjectPlace): Promise<Finding> {
  const name = await guessProjectName(place, process.env);
  return checkDisk("persistent data", dataFolderOf({ ...place, name }, process.env));
}

async function checkPublishing(engine: Engine | undefined): Promise<Finding[]> {
  if (!engine) return checkDnsPort([], false);
  const observed = Promise.all([observeAllContainers(engine), isRootless(engine)]);
  return checkDnsPort(...(await withTimeout(engine, observed)));
}

/** A check that fails is a finding, too. */
async function runCheck([check, run]: Check): Promise<readonly Finding[]> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ReynsError) return [bad(check, error.message, { remedy: error.hint })];
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return [warning(check, `cannot be checked: ${path ?? ""} ${code}`)];
  }
}
