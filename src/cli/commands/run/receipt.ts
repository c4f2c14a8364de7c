import { ReynsError } from "../../../errors.ts";
import type { Observed, ObservedImage } from "../../../model/observed.ts";
import type { Project } from "../../../model/project.ts";
import type { Step, TagImage } from "../../../model/steps.ts";
import { tagged } from "../../../plan/resolve/images.ts";
import { guessProjectName } from "../../../project/guess-name.ts";
import type { ProjectPlace } from "../../../project/locate.ts";
import { readReceipt, type ValidReceipt } from "../../../runtime/receipts/store.ts";
import { isCopy } from "../../../model/copy-origin.ts";
import { readCommit } from "../../../runtime/versions/commit-state.ts";
import type { MatchedImage, MatchedReceipt } from "../../common/receipts/match.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { parseConfName } from "../../args/common.ts";
import type { RunOptions } from "./options.ts";
import { log } from "../../../ui/output/log.ts";

interface ReceiptArgs {
  readonly receipt?: string | undefined;
  readonly keep?: boolean | undefined;
  readonly new?: boolean | undefined;
  readonly command?: string | undefined;
  readonly conf?: string | undefined;
}

/**
 * Reads the receipt that a call names, if it names one.
 *
 * @throws ReynsErrors INVALID_VALUE, RECEIPT_REFUSED, KEYS_UNUSABLE
 */
export async function parseReceipt(
  parsed: ReceiptArgs,
  place: ProjectPlace,
): Promise<ValidReceipt | undefined> {
  if (parsed.receipt === undefined) return undefined;
  const others = (["keep", "new", "command"] as const).filter((name) => parsed[name]);
  if (others.length === 0) {
    const project = await guessProjectName(place, process.env);
    return readReceipt(parsed.receipt, place, { project, conf: parseConfName(parsed.conf) });
  }
  const message = `receipt cannot be combined with ${others.join(", ")}`;
  const hint = "a run by receipt starts exactly what was tested";
  throw new ReynsError("INVALID_VALUE", message, { hint });
}

/**
 * Compares the receipt of a call with what it would start.
 *
 * @throws ReynsErrors RECEIPT_MISMATCH, RECEIPT_REFUSED
 */
export async function findTested(
  { project, selections, receipt }: RunOptions,
  engine: Engine,
): Promise<MatchedReceipt | undefined> {
  if (!receipt) return undefined;
  const { matchReceipt } = await import("../../common/receipts/match.ts");
  return matchReceipt({ engineOf: () => engine, project, selections, receipt });
}

/**
 * A copy is for trying things out, tests among them: it needs no receipt.
 *
 * @throws ReynsError RECEIPT_REQUIRED where the conf runs only what was tested
 */
export function requireReceipt(project: Project, receipt: ValidReceipt | undefined): void {
  const { conf } = project;
  if (receipt || conf.receipt !== "required" || isCopy(project)) return;
  const message = `the conf "${conf.name}" runs only what was tested: it needs a receipt`;
  const hint = `write one with: reyns test conf=${conf.name}; then: reyns run all conf=${conf.name} receipt=latest`;
  throw new ReynsError("RECEIPT_REQUIRED", message, { hint });
}

/** The Engine with the images of a receipt under the names of the definition, which it gets before anything starts. */
export function withTestedImages(observed: Observed, { images }: MatchedReceipt): Observed {
  const added = [...images.values()].filter(({ isUnnamed, isSent }) => isUnnamed || isSent);
  if (added.length === 0) return observed;
  const named = added.map((image): [string, ObservedImage] => [image.name, image]);
  return { ...observed, images: new Map([...observed.images, ...named]) };
}

/**
 * The steps with the images by their ids: a name may come to stand for another one at any time. One that is sent has an id
 * only then, and is compared on its arrival.
 */
export function pinImages(steps: readonly Step[], { images }: MatchedReceipt): Step[] {
  // An instance without a name of its own has another one in the plan than in the receipt.
  const byName = new Map([...images.values()].map((image) => [keyOf(image), image]));
  const unnamed = [...images.values()].filter(({ isUnnamed }) => isUnnamed);
  const tags = new Map(unnamed.map((image) => [image.name, tagStep(image)]));
  const pinned = steps.map((step) => {
    if (step.kind !== "start-instance") return step;
    const { host, spec, node } = step;
    const image = images.get(host) ?? byName.get(keyOf({ name: tagged(spec.image), node }));
    if (!image || image.isSent) return step;
    return { ...step, spec: { ...step.spec, image: image.id } };
  });
  return [...tags.values(), ...pinned];
}

/** An image has another id on another node, if its store is of another kind. */
function keyOf({ name, node }: Pick<MatchedImage, "name" | "node">): string {
  return `${node ?? ""} ${name}`;
}

function tagStep({ id: image, name }: MatchedImage): TagImage {
  const reason = "the receipt's image has no name here";
  return { kind: "tag-image", id: `tag ${name}`, after: [], title: name, reason, image, tag: name };
}

/** Mentions another commit than the tested one: the content decides. */
export async function noteCommit({ receipt }: ValidReceipt, folder: string): Promise<void> {
  if (receipt.commit === null) return;
  const { commit } = await readCommit(folder);
  if (commit === null || commit === receipt.commit) return;
  const [tested, here] = [receipt.commit, commit].map((text) => text.slice(0, 12));
  log.info(`tested at the commit ${tested}; this is ${here}, with the same content`);
}
