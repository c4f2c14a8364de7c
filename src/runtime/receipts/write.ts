import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { pluralize } from "../../lib/pluralize.ts";
import { sha256 } from "../../lib/sha256.ts";
import { createFileAtomic } from "../../lib/write-file-atomic.ts";
import { receiptNamespace, type TestReceipt } from "../../model/receipt.ts";
import { privateFolder } from "../../model/resource-names.ts";
import { signMessage } from "../keys/ssh-signature.ts";
import { readKeys } from "../keys/store.ts";
import { createPrivateFolder } from "../private-folder.ts";
import { mkdirSync, rmSync } from "node:fs";

/** The folder of a project's receipts. */
export function receiptsFolder({ folder }: { readonly folder: string }): string {
  return join(folder, privateFolder, "receipts");
}

/** The file with the signature of a receipt. */
export function signatureFile(file: string): string {
  return `${file}.sig`;
}

/**
 * Writes a receipt and its signature, which no other receipt can take the place of.
 *
 * @returns the path of the receipt
 * @throws ReynsError KEYS_UNUSABLE, RECEIPT_REFUSED; the file system's error
 */
export async function writeSignedReceipt(
  receipt: TestReceipt,
  project: { readonly folder: string },
  keysFolder: string,
): Promise<string> {
  const text = `${JSON.stringify(receipt, undefined, 2)}\n`;
  if (Buffer.byteLength(text) > longest) throw tooLong(receipt);
  // Instances have the user's key, and could sign with it; nobody but the project's machines has the authority's.
  const { authority } = await readKeys(keysFolder);
  const signature = signMessage(authority, receiptNamespace, Buffer.from(text));
  const folder = receiptsFolder(project);
  createPrivateFolder(join(project.folder, privateFolder));
  mkdirSync(folder, { recursive: true });
  const base = join(folder, fileNameOf(receipt, text));
  for (let count = 1; ; count++) {
    const file = `${base}${count === 1 ? "" : `-${count}`}.json`;
    if (tryWrite(file, text, signature)) return file;
  }
}

/** Bytes. What reads receipts reads no longer files. */
const longest = 10_000_000;

function tooLong({ files }: TestReceipt): ReynsError {
  const count = pluralize(Object.keys(files).length, "mounted file");
  const message = `no receipt: it would have to list ${count}`;
  const hint = "put folders with so many files into an image, or into a volume";
  return new ReynsError("RECEIPT_REFUSED", message, { hint });
}

/** `20260131T120000Z-1f3a9c02` */
function fileNameOf({ testedAt }: TestReceipt, text: string): string {
  const time = testedAt.replace(/[-:]|\.\d+/g, "");
  return `${time}-${sha256(text).toString("hex").slice(0, 8)}`;
}

/** The signature comes first: what lists receipts never finds one without. */
function tryWrite(file: string, text: string, signature: string): boolean {
  const signed = signatureFile(file);
  try {
    createFileAtomic(signed, signature);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  try {
    createFileAtomic(file, text);
    return true;
  } catch (error) {
    rmSync(signed, { force: true });
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
