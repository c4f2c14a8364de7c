import { hasCode, ReynsError } from "../../../errors.ts";
import { nodesOf } from "../../../model/nodes.ts";
import type { ObservedImage } from "../../../model/observed.ts";
import type { Project } from "../../../model/project.ts";
import { contentOf, type ComparedContent } from "../../../plan/receipts/compare.ts";
import type { TestedImages } from "../../../plan/nodes/tested-sends.ts";
import { imagesOf } from "../../../plan/resolve/images.ts";
import type { SelectedInstance } from "../../../plan/select/selection.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { observe } from "../../../runtime/observe/observe.ts";
import type { ValidReceipt } from "../../../runtime/receipts/store.ts";
import { connectEngine } from "../../common/context.ts";
import type { FoundContent } from "../../common/receipts/content.ts";
import { matchReceipt, type MatchedReceipt } from "../../common/receipts/match.ts";
import type { NodeRun } from "./node-run.ts";
import type { RunOptions } from "./options.ts";

/** What is on all nodes, with what they get, is what was tested. */
export interface TestedOnNodes extends TestedImages {
  readonly matched: MatchedReceipt;
  readonly matchedOn: (node: string) => MatchedReceipt;
}

/** The runs of nodes, each with what was tested of it. */
export interface TestedRuns {
  readonly runs: readonly NodeRun[];
  readonly tested: TestedOnNodes | undefined;
}

/**
 * Compares the receipt of a call with what is on all nodes, before any of them is planned.
 *
 * @throws ReynsErrors RECEIPT_MISMATCH with every difference; RECEIPT_REFUSED for the receipt of another project
 */
export async function compareRuns(
  runs: readonly NodeRun[],
  options: RunOptions,
  receipt: ValidReceipt,
): Promise<TestedRuns> {
  const tested = await matchOnNodes(runs, options, receipt);
  const own = runs.map((run) => {
    const matched = tested.matchedOn(run.node.name);
    return { ...run, options: { ...run.options, matched } };
  });
  return { runs: own, tested };
}

/**
 * Compares a receipt with what a run would start on all nodes. Images that these lack come from the caller's Engine, if
 * that has the tested ones.
 */
async function matchOnNodes(
  runs: readonly NodeRun[],
  { project, selections }: RunOptions,
  receipt: ValidReceipt,
): Promise<TestedOnNodes> {
  const { engine: own, images: source } = await observeOwn(project);
  const engines = new Map(runs.map(({ node, engine }) => [node.name, engine]));
  const engineOf = ({ definition: { group = "" } }: SelectedInstance): Engine => {
    const engine = engines.get(group);
    if (!engine) throw new Error(`an instance on ${group}, which is not connected`);
    return engine;
  };
  const matched = await matchReceipt({
    ...{ engineOf, project, receipt },
    selections: runs.flatMap(({ options }) => options.selections),
    nodes: {
      scope: { selections, leftOut: leftOutOf(project, engines) },
      source: own,
      refusals: (found, tested) => mountErrors(found, tested, engines),
    },
  });
  const matchedOn = (node: string): MatchedReceipt => partOf(matched, node);
  const lacking = new Map(
    runs.map(({ node: { name } }) => {
      const sent = [...matchedOn(name).images.values()].filter(({ isSent }) => isSent);
      return [name, new Map(sent.map(({ name: image, id, content }) => [image, { id, content }]))];
    }),
  );
  return { matched, matchedOn, source, lacking };
}

function leftOutOf({ conf }: Project, engines: ReadonlyMap<string, Engine>): Set<string> {
  const names = nodesOf(conf).map(({ name }) => name);
  return new Set(names.filter((name) => !engines.has(name)));
}

interface OwnEngine {
  readonly engine: Engine | ReynsError;
  readonly images: ReadonlyMap<string, ObservedImage>;
}

/** A machine without an Engine can run what its nodes have already. */
async function observeOwn(project: Project): Promise<OwnEngine> {
  try {
    const engine = await connectEngine();
    const { images } = await observe(engine, project, imagesOf(project));
    return { engine, images };
  } catch (error) {
    if (!hasCode(error, "NO_ENGINE")) throw error;
    return { engine: error, images: new Map() };
  }
}

function partOf({ images, changes }: MatchedReceipt, node: string): MatchedReceipt {
  return { images: new Map([...images].filter(([, image]) => image.node === node)), changes };
}

/** What an instance mounts on another machine is a file of that machine, which nobody here can read. */
export function mountErrors(
  { instances, mountedBy }: FoundContent,
  tested: ComparedContent,
  engines: ReadonlyMap<string, Engine>,
): ReynsError[] {
  const data = new Set(tested.instances.flatMap(({ free }) => free));
  return instances.flatMap(({ host, group }) => {
    if (engines.get(group ?? "")?.local !== false) return [];
    const compared = (mountedBy.get(host) ?? []).filter((path) => !data.has(contentOf(path)));
    return compared.map((path) => {
      const message = `${group}: ${host} mounts ${path} from the disk of that machine, where it cannot be compared`;
      const hint =
        "put the files into the image, or give them with files: Reyns brings these there";
      return new ReynsError("RECEIPT_MISMATCH", message, { hint });
    });
  });
}
