import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as v from "valibot";
import { findImageContents, type ImageContents } from "../../docker/images/image-contents.ts";
import { ReynsError } from "../../errors.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { readRegularFile } from "../../lib/read-regular-file.ts";
import { receiptSchema, type TestReceipt } from "../../model/receipt.ts";
import type { Engine } from "../connect.ts";
import { receiptFiles } from "../receipts/store.ts";
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

/**
 * The receipt that goes with a project, and its signature: the one that was asked for, otherwise the newest one whose
 * images are all saved. Whether it counts is decided where it is used.
 *
 * @returns paths; none where no receipt fits
 * @throws ReynsError RECEIPT_REFUSED for one that was asked for and does not fit
 */
export async function findReceipt(engine: Engine, request: ReceiptRequest): Promise<string[]> {
  const { folder, given, images } = request;
  const files = given === undefined ? receiptFiles({ folder }).toReversed() : [resolve(given)];
  if (files.length === 0) return [];
  const found = await Promise.all(images.map((name) => findImageContents(engine, name)));
  const saved = found.flatMap((image) => image ?? []);
  for (const file of files) {
    const reason = whyUnfit(readIfReceipt(file), request, saved);
    if (reason === undefined) return [file, signatureFile(file)].filter((path) => existsSync(path));
    if (given === undefined) continue;
    const hint = "test again: reyns test; or save without receipt=";
    throw new ReynsError("RECEIPT_REFUSED", `${given} ${reason}`, { hint });
  }
  return [];
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
