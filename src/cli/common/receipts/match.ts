import { ReynsError, ReynsErrors } from "../../../errors.ts";
import type { TestedImage } from "../../../model/build-image.ts";
import type { Project } from "../../../model/project.ts";
import { pluralize } from "../../../lib/pluralize.ts";
import type { ReceiptImage, TestReceipt } from "../../../model/receipt.ts";
import { asDefined } from "../../../plan/receipts/as-defined.ts";
import {
  comparable,
  compareContent,
  contentOf,
  type ComparedContent,
  type ReceiptDifference,
} from "../../../plan/receipts/compare.ts";
import { differenceText } from "../../../plan/receipts/difference-text.ts";
import { imageNameOf } from "../../../plan/receipts/definition-texts.ts";
import { isAtOrBelow } from "../../../plan/receipts/mounted.ts";
import { testedPart, type TestedScope } from "../../../plan/receipts/tested-part.ts";
import { selectInstances } from "../../../plan/select/select.ts";
import type { SelectedInstance, Selection } from "../../../plan/select/selection.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { findReceiptImage } from "../../../runtime/receipts/images.ts";
import type { MountChange } from "../../../runtime/receipts/mount-change.ts";
import type { ValidReceipt } from "../../../runtime/receipts/store.ts";
import { readCommit } from "../../../runtime/versions/commit-state.ts";
import { build } from "../../../version.ts";
import { findSent, findUnnamedImages, withImage } from "./added-images.ts";
import { describeContent, type FoundContent } from "./content.ts";

/** An image of the receipt, as this Engine has it. */
export interface MatchedImage extends TestedImage {
  /** Its name in the definition. */
  readonly name: string;
  /** The Engine has it, but not under this name. */
  readonly isUnnamed: boolean;
  /** The node of its instance, where there are several. */
  readonly node: string | undefined;
  /** Its node has not got it, and gets it from the caller's Engine. */
  readonly isSent: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** What is here is what was tested. */
export interface MatchedReceipt {
  /** By the host name of the instance that runs it. */
  readonly images: ReadonlyMap<string, MatchedImage>;
  /** By the same, what it mounts and is compared. */
  readonly changes: ReadonlyMap<string, readonly MountChange[]>;
}

export interface MatchRequest {
  /** The Engine of an instance. */
  readonly engineOf: (selected: SelectedInstance) => Engine;
  readonly project: Project;
  readonly selections: readonly Selection[];
  readonly receipt: ValidReceipt;
  /** Where the instances run on nodes. */
  readonly nodes?: MatchedNodes | undefined;
}

interface MatchedNodes {
  /** What the call is about; the selections are those of its nodes. */
  readonly scope: TestedScope;
  /** The caller's Engine, which has the images that nodes lack, or why it does not answer. */
  readonly source: Engine | ReynsError;
  /** What keeps instances from being compared. */
  readonly refusals: (found: FoundContent, tested: ComparedContent) => readonly ReynsError[];
}

/**
 * Compares a receipt with what a run would start here.
 *
 * @throws ReynsErrors RECEIPT_MISMATCH with every difference; RECEIPT_REFUSED for the receipt of another project
 */
export async function matchReceipt(request: MatchRequest): Promise<MatchedReceipt> {
  const { engineOf, selections, receipt, nodes } = request;
  const project = asDefined(request.project);
  requireProject(receipt, project);
  const all = selections.flatMap((selection) => selectInstances(project, selection));
  const selected = [...new Map(all.map((one) => [one.host, one])).values()];
  const group = selections[0]?.group;
  const imageOf = (one: SelectedInstance): string => imageNameOf(project, one);
  const found = await describeContent({ engineOf, project, group, selected, imageOf });
  const tested = testedPart(
    comparable(receipt.receipt),
    found.instances,
    nodes?.scope ?? { selections },
  );
  const engines = new Map(selected.map((one) => [one.host, engineOf(one)]));
  const added = nodes
    ? await findSent(found, tested, engineOrNone(nodes.source))
    : await findUnnamedImages(found, tested, engines);
  const content = { ...found, instances: found.instances.map((one) => withImage(one, added)) };
  const differences = compareContent(tested, content);
  const errors = [
    ...(nodes?.refusals(found, tested) ?? []),
    ...(await differenceErrors(differences, content, engines, request)),
  ];
  if (errors.length > 0) {
    const isMissing = errors.length === differences.filter(isMissingFile).length;
    throw mismatch(errors, receipt, await bringHint(receipt.receipt, project, isMissing));
  }
  const images = content.instances.flatMap(({ host, image, imageName: name, group: node }) => {
    const { labels = {} } = added.get(host) ?? {};
    const how = added.has(host) ? { isUnnamed: !nodes, isSent: nodes !== undefined } : here;
    const place = { node: nodes ? (node ?? undefined) : undefined };
    const matched = image && {
      id: image.id,
      content: image.content,
      name,
      labels,
      ...place,
      ...how,
    };
    return matched ? [[host, matched] as const] : [];
  });
  return { images: new Map(images), changes: changesOf(content, tested) };
}

/** What was data for the tests is changed by instances. */
function changesOf(
  { instances, mountedBy, changes }: FoundContent,
  tested: ComparedContent,
): MatchedReceipt["changes"] {
  const data = new Set(tested.instances.flatMap(({ free }) => free));
  const compared = changes.filter(({ path }) => !data.has(contentOf(path)));
  return new Map(
    instances.map(({ host }) => {
      const roots = mountedBy.get(host) ?? [];
      return [host, compared.filter(({ path }) => roots.some((root) => isAtOrBelow(path, root)))];
    }),
  );
}

function requireProject({ file, receipt }: ValidReceipt, { name }: Project): void {
  if (receipt.project === name) return;
  const message = `${file} is a receipt of the project "${receipt.project}"; this is "${name}"`;
  throw new ReynsError("RECEIPT_REFUSED", message, { hint: "list its receipts: reyns receipts" });
}

/** An image that an Engine has under the name of the definition. */
const here = { isUnnamed: false, isSent: false };

function differenceErrors(
  differences: readonly ReceiptDifference[],
  { instances }: FoundContent,
  engines: ReadonlyMap<string, Engine>,
  { receipt: { receipt }, nodes }: MatchRequest,
): Promise<readonly ReynsError[]> {
  const placeOf = (host: string): string => {
    const group = instances.find((one) => one.host === host)?.group;
    return nodes && group ? `${group}: ` : "";
  };
  return Promise.all(
    differences.map(async (difference) => {
      const image = receipt.images.find(({ id }) => id === difference.tested);
      const engine = nodes ? nodes.source : engines.get(difference.subject);
      const isImage = difference.kind === "image" && image !== undefined;
      const hint = isImage
        ? await imageHint({ ...image, name: difference.field ?? image.name }, engine)
        : fileHint(difference);
      const message = `${placeOf(difference.subject)}${differenceText(difference)}`;
      return new ReynsError("RECEIPT_MISMATCH", message, { hint });
    }),
  );
}

function isMissingFile({ kind, change }: ReceiptDifference): boolean {
  return kind === "file" && change === "removed";
}

function fileHint(difference: ReceiptDifference): string | undefined {
  return isMissingFile(difference) ? "put it here, as it was for the tests" : undefined;
}

function mismatch(
  errors: readonly ReynsError[],
  { file }: ValidReceipt,
  hint: string | undefined,
): ReynsErrors {
  const count = pluralize(errors.length, "difference");
  const message = `what is here is not what was tested: ${count} from ${file}; nothing was started`;
  return new ReynsErrors([new ReynsError("RECEIPT_MISMATCH", message, { hint }), ...errors]);
}

/**
 * How what was tested gets here.
 *
 * @param isMissing only files are missing, and each of them says what to do
 */
async function bringHint(
  { commit, clean, reyns, conf }: TestReceipt,
  { folder }: Project,
  isMissing: boolean,
): Promise<string | undefined> {
  const { commit: head } = await readCommit(folder);
  const version = reyns === build.version ? [] : [`it was tested with Reyns ${reyns}`];
  const state = clean === false ? ", with changes that are in no commit" : "";
  const again = `test again: reyns test${conf === "default" ? "" : ` conf=${conf}`}`;
  const lines = ((): string[] => {
    if (commit === null) return [again];
    const at = `it was tested at the commit ${commit}${state}`;
    if (head !== null && head !== commit) return [`${at}: check that out`, `or ${again}`];
    if (isMissing) return [];
    if (head === null)
      return [`${at}: reyns load FILE, of what reyns save out=FILE has packed there`];
    const way = clean === false ? "bring them here" : "undo what differs here";
    return [`it was tested at this commit${state}: ${way}`, `or ${again}`];
  })();
  return [...version, ...lines].join("\n") || undefined;
}

function engineOrNone(source: Engine | ReynsError): Engine | undefined {
  return source instanceof ReynsError ? undefined : source;
}

async function imageHint(
  { id, name, digests }: ReceiptImage,
  source: Engine | ReynsError | undefined,
): Promise<string> {
  const engine = source && engineOrNone(source);
  if (engine && (await findReceiptImage(engine, id)))
    return `it is here without that name: docker tag ${id} ${name}`;
  const [digest] = digests;
  const load = "reyns load FILE, of what reyns save out=FILE has packed where it was tested";
  const bring = digest === undefined ? load : `docker pull ${digest}, or ${load}`;
  return source instanceof ReynsError ? `${silentHint(source)}\n${bring}` : bring;
}

function silentHint({ message, hint }: ReynsError): string {
  const reason = `your own Engine, which would send it, does not answer: ${message}`;
  return hint === undefined ? reason : `${reason}\n${hint}`;
}
