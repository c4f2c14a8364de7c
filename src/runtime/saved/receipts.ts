import { basename, resolve } from "node:path";
import * as v from "valibot";
import { findImageContents, type ImageContents } from "../../docker/images/image-contents.ts";
import { ReynsError } from "../../errors.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { readRegularFile } from "../../lib/read-regular-file.ts";
import { receiptSchema, type TestReceipt } from "../../model/receipt.ts";
import { isReceiptName } from "../../model/saved-project.ts";
import type { Engine } from "../connect.ts";
import { examineReceipt } from "../receipts/read.ts";
import { receiptAuthority, receiptFiles, testedAt } from "../receipts/store.ts";
import { signatureFile } from "../receipts/write.ts";

/** What a receipt has to be about. */
interface ReceiptRequest {
  /** The project's. */
  readonly folder: string;
  readonly project: string;
  readonly conf: string;
  /** Names of the images that are saved. */
  readonly images: readonly string[];
  /** Path of the one that was asked for. */
  readonly given: string | undefined;
}

/** What goes with a project. */
interface FoundReceipt {
  /** Paths of the receipt and its signature; none where no receipt fits. */
  readonly files: readonly string[];
  /** Why others, which would fit and are newer, do not count. */
  readonly refused: readonly ReynsError[];
}

/**
 * The receipt that goes with a project, and its signature: the one that was asked for, otherwise the newest one that
 * counts and whose images are all saved.
 *
 * @throws ReynsErrors RECEIPT_REFUSED, KEYS_UNUSABLE for one that was asked for and does not fit or count
 */
export async function findReceipt(engine: Engine, request: ReceiptRequest): Promise<FoundReceipt> {
  const { folder, given, images } = request;
  const files = given === undefined ? newestFirst(receiptFiles({ folder })) : [resolve(given)];
  const refused: ReynsError[] = [];
  if (files.length === 0) return { files: [], refused };
  const found = await Promise.all(images.map((name) => findImageContents(engine, name)));
  const saved = found.flatMap((image) => image ?? []);
  for (const file of files) {
    const reason = whyUnfit(readIfReceipt(file), request, saved) ?? whyUnnamed(file);
    if (reason !== undefined && given === undefined) continue;
    if (reason !== undefined)
      throw new ReynsError("RECEIPT_REFUSED", `${given} ${reason}`, {
        hint: "test again: reyns test; or save without receipt=",
      });
    const problem = await problemOf(file, folder);
    if (problem === undefined) return { files: [file, signatureFile(file)], refused };
    if (given !== undefined) throw problem;
    refused.push(problem);
  }
  return { files: [], refused };
}

/** Why a receipt does not count. */
async function problemOf(file: string, folder: string): Promise<ReynsError | undefined> {
  try {
    return examineReceipt(file, await receiptAuthority({ folder })).problem;
  } catch (error) {
    if (error instanceof ReynsError) return error;
    throw error;
  }
}

function whyUnnamed(file: string): string | undefined {
  return isReceiptName(basename(file)) ? undefined : "has a name that no load accepts: rename it";
}

function newestFirst(files: readonly string[]): string[] {
  const times = new Map(files.map((file) => [file, testedAt(readIfReceipt(file))]));
  return files
    .toReversed()
    .toSorted((one, other) => (times.get(other) ?? 0) - (times.get(one) ?? 0));
}

/** Why a receipt is not about what is saved. */
function whyUnfit(
  receipt: TestReceipt | undefined,
  { project, conf }: ReceiptRequest,
  saved: readonly ImageContents[],
): string | undefined {
  if (!receipt) return "is not a receipt";
  if (receipt.project !== project || receipt.conf !== conf)
    return `is a receipt of the conf "${receipt.conf}" of ${receipt.project}, not of "${conf}" of ${project}`;
  const known = new Set(saved.flatMap(({ id, content }) => [id, content]));
  const other = receipt.images.find(({ id, content }) => !known.has(id) && !known.has(content));
  return other && `is a receipt of another image ${other.name} than the one that is saved`;
}

function readIfReceipt(file: string): TestReceipt | undefined {
  try {
    const parsed = v.safeParse(receiptSchema, parseJson(readRegularFile(file).toString()));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
