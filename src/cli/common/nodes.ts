import type { Engine } from "../../runtime/connect.ts";
import { connectFleet } from "../../runtime/nodes/connect-fleet.ts";
import { errorWith, ReynsError, throwAll } from "../../errors.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import { nodesOf, type ProjectNode } from "../../model/nodes.ts";
import type { Conf } from "../../model/project.ts";
import { isOnOneEngine } from "../../project/copy-record.ts";
import { lastConfKey, readHostValues } from "../../project/host-conf.ts";
import { nodeVariable, partialVariable, type ProjectPlace } from "../../project/locate.ts";
import { inspectProject } from "../../project/read.ts";
import { log } from "../../ui/output/log.ts";
import { markPartial } from "../../ui/output/print.ts";
import {
  openNode,
  withDefinitionNotice,
  withEngineNotice,
  withPlanErrors,
  type NodesConnection,
} from "./context.ts";

/** The conf that the call has read, and the Engines that it is connected to. */
let confInUse: Conf | undefined;
let fleet: { readonly key: string; readonly engine: Promise<Engine | undefined> } | undefined;

/** The nodes of this conf are meant from now on, not those of the one that ran last. */
export function useNodesOf(conf: Conf): void {
  confInUse = conf;
}

/**
 * Connects to the nodes of the conf that the call is about, or that ran last, as if they were one Engine.
 *
 * @returns undefined where that conf runs on the caller's Engine
 * @throws ReynsErrors NO_ENGINE when none answers; INVALID_VALUE for an unknown node; the
 *   mistakes of a definition that is needed
 */
export async function connectNodes(
  place: ProjectPlace,
  { needsDefinition = false }: NodesConnection = {},
): Promise<Engine | undefined> {
  if (isOnOneEngine(place) && process.env[nodeVariable] === undefined) return undefined;
  const all = nodesOf(confInUse ?? (await readForNodes(place, needsDefinition)));
  const nodes = chooseNodes(all);
  const builder = all[0]?.name;
  const key = JSON.stringify([builder, nodes.map(({ name, endpoint }) => [name, endpoint])]);
  if (fleet?.key !== key) fleet = { key, engine: connect(nodes, builder) };
  return fleet.engine;
}

async function readForNodes(place: ProjectPlace, needsDefinition: boolean): Promise<Conf> {
  const { project, errors } = await readLastConf(place);
  if (needsDefinition && errors.length > 0 && project.conf.nodes)
    throwAll(await withPlanErrors(project, errors));
  return project.conf;
}

async function connect(
  nodes: readonly ProjectNode[],
  builder: string | undefined,
): Promise<Engine | undefined> {
  if (nodes.length === 0) return undefined;
  const engine = await withEngineNotice(connectFleet(nodes, openNode, builder));
  reportUnreachable(engine.fleet?.unreachable ?? []);
  return engine;
}

/**
 * Goes on without some nodes where a call only looks, or says that it may.
 *
 * @throws ReynsErrors NO_ENGINE otherwise
 */
function reportUnreachable(errors: readonly ReynsError[]): void {
  if (errors.length === 0) return;
  if (process.env[partialVariable] === "false") throwAll(errors.map(withPartialHint));
  for (const { message, hint } of errors) log.warn(message, ...(hint ? [hint] : []));
  markPartial();
}

/** Begins the hint of a machine that does not answer. */
export const unchanged = "nothing was changed; ";

function withPartialHint(error: ReynsError): ReynsError {
  const hint = [error.hint, `${unchanged}to go on without it, add partial=true`];
  return errorWith(error, { hint: hint.filter(Boolean).join("\n") });
}

/** The nodes of the conf that ran last, or those that the call names, with its project and the mistakes in it. */
export async function listNodes(
  place: ProjectPlace,
): Promise<ReadProject & { nodes: readonly ProjectNode[] }> {
  const read = await readLastConf(place);
  return { ...read, nodes: chooseNodes(nodesOf(read.project.conf)) };
}

type ReadProject = Awaited<ReturnType<typeof inspectProject>>;

/** A definition with mistakes does not keep anybody from looking at what runs. */
async function readLastConf(place: ProjectPlace): Promise<ReadProject> {
  const name = readHostValues(place)[lastConfKey];
  const read = (conf?: string): Promise<ReadProject> =>
    withDefinitionNotice(inspectProject(place, process.env, conf));
  return name === undefined ? read() : read(name).catch(() => read());
}

/** The nodes that the call names, or all of them. */
function chooseNodes(nodes: readonly ProjectNode[]): readonly ProjectNode[] {
  const given = process.env[nodeVariable];
  if (given === undefined) return nodes;
  const names = given.split(",");
  const known = nodes.map(({ name }) => name);
  throwAll(names.filter((name) => !known.includes(name)).map((name) => unknownNode(name, known)));
  return nodes.filter(({ name }) => names.includes(name));
}

function unknownNode(name: string, known: readonly string[]): ReynsError {
  const hint =
    known.length === 0
      ? 'this conf runs on no node; name one: node("node1", "ssh://USER@HOST")'
      : acceptedHint(name, known);
  return new ReynsError("INVALID_VALUE", `no node "${name}"`, { hint });
}
