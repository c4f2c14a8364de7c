import { ReynsError, ReynsErrors } from "../../../errors.ts";
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
import { selectInstances } from "../../../plan/select/select.ts";
import type { SelectedInstance, Selection } from "../../../plan/select/selection.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { findReceiptImage, type FoundImage } from "../../../runtime/receipts/images.ts";
import type { MountChange } from "../../../runtime/receipts/mount-change.ts";
import type { ValidReceipt } from "../../../runtime/receipts/store.ts";
import { build } from "../../../version.ts";
import { describeContent, type FoundContent } from "./content.ts";

/** An image of the receipt, as this Engine has it. */
export interface MatchedImage {
  readonly id: string;
  /** Its name in the definition. */
  readonly name: string;
  /** The Engine has it, but not under this name. */
  readonly isUnnamed: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** What is here is what was tested. */
export interface MatchedReceipt {
  /** By the host name of the instance that runs it. */
  readonly images: ReadonlyMap<string, MatchedImage>;
  /** By the same, what it mounts and is compared. */
  readonly changes: ReadonlyMap<string, readonly MountChange[]>;
}

interface MatchRequest {
  readonly engine: Engine;
  readonly project: Project;
  readonly selections: readonly Selection[];
  readonly receipt: ValidReceipt;
}

/**
 * Compares a receipt with what a run would start here.
 *
 * @throws ReynsErrors RECEIPT_MISMATCH with every difference; RECEIPT_REFUSED for the receipt of another project
 */
export async function matchReceipt(request: MatchRequest): Promise<MatchedReceipt> {
  const { engine, selections, receipt } = request;
  const project = asDefined(request.project);
  requireProject(receipt, project);
  const all = selections.flatMap((selection) => selectInstances(project, selection));
  const selected = [...new Map(all.map((one) => [one.host, one])).values()];
  const group = selections[0]?.group;
  const imageOf = (one: SelectedInstance): string => imageNameOf(project, one);
  const found = await describeContent({ engine, project, group, selected, imageOf });
  const tested = testedPart(comparable(receipt.receipt), found, selections);
  const { content, unnamed } = await withUnnamedImages(found, tested, engine);
  const differences = compareContent(tested, content);
  if (differences.length > 0) await throwDifferences(differences, request);
  const images = content.instances.flatMap(({ host, image, imageName: name }) => {
    const { labels = {} } = unnamed.get(host) ?? {};
    const isUnnamed = unnamed.has(host);
    return image ? [[host, { id: image.id, name, isUnnamed, labels }] as const] : [];
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

/** The instances of a receipt that a call is about: all, those of its group, or those that it names. */
function testedPart(
  tested: ComparedContent,
  { instances }: FoundContent,
  selections: readonly Selection[],
): ComparedContent {
  const here = new Set(instances.map(({ host }) => host));
  const isMeant = ({ service, instance, group }: Selection, own: string | null): boolean =>
    service === "all" && instance === undefined && (group === undefined || group === own);
  const wanted = tested.instances.filter(
    ({ host, group }) => here.has(host) || selections.some((one) => isMeant(one, group)),
  );
  return { ...tested, instances: wanted };
}

/** Finds images that were brought here without their names: by their ids, or by their digests in registries. */
async function withUnnamedImages(
  found: FoundContent,
  tested: ComparedContent,
  engine: Engine,
): Promise<{ content: FoundContent; unnamed: ReadonlyMap<string, FoundImage> }> {
  const before = new Map(tested.instances.map(({ host, image }) => [host, image]));
  const unnamed = new Map<string, FoundImage>();
  const instances = await Promise.all(
    found.instances.map(async (instance) => {
      const wanted = instance.image ? undefined : before.get(instance.host);
      const image = wanted && (await findUnnamed(wanted, engine));
      if (!image) return instance;
      unnamed.set(instance.host, image);
      const { id, content, digests } = image;
      return { ...instance, image: { ...wanted, id, content, digests: [...digests] } };
    }),
  );
  return { content: { ...found, instances }, unnamed };
}

async function findUnnamed(
  { id, digests }: ReceiptImage,
  engine: Engine,
): Promise<FoundImage | undefined> {
  for (const reference of [id, ...digests]) {
    const image = await findReceiptImage(engine, reference);
    if (image) return image;
  }
  return undefined;
}

async function throwDifferences(
  differences: readonly ReceiptDifference[],
  { engine, receipt: { file, receipt } }: MatchRequest,
): Promise<never> {
  const errors = await Promise.all(
    differences.map(async (difference) => {
      const image = receipt.images.find(({ id }) => id === difference.tested);
      const isImage = difference.kind === "image" && image !== undefined;
      const hint = isImage ? await imageHint(image, engine) : undefined;
      return new ReynsError("RECEIPT_MISMATCH", differenceText(difference), { hint });
    }),
  );
  const count = pluralize(differences.length, "difference");
  const message = `what is here is not what was tested: ${count} from ${file}; nothing was started`;
  throw new ReynsErrors([
    new ReynsError("RECEIPT_MISMATCH", message, { hint: testedAs(receipt) }),
    ...errors,
  ]);
}

function testedAs({ commit, clean, reyns }: TestReceipt): string {
  const state = clean === false ? ", with changes that are in no commit" : "";
  const at =
    commit === null ? "" : `it was tested at the commit ${commit}${state}: check that out\n`;
  const version = reyns === build.version ? "" : `it was tested with Reyns ${reyns}\n`;
  return `${version}${at}or test again: reyns test`;
}

async function imageHint({ id, name, digests }: ReceiptImage, engine: Engine): Promise<string> {
  if (await findReceiptImage(engine, id))
    return `it is here without that name: docker tag ${id} ${name}`;
  const [digest] = digests;
  const load = "reyns load FILE, of what reyns save out=FILE has packed where it was tested";
  return digest === undefined ? load : `docker pull ${digest}, or ${load}`;
}
