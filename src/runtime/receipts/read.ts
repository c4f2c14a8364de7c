import { basename } from "node:path";
import * as v from "valibot";
import { ReynsError } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { readRegularFile } from "../../lib/read-regular-file.ts";
import {
  receiptFormat,
  receiptNamespace,
  receiptSchema,
  type TestReceipt,
} from "../../model/receipt.ts";
import { fingerprintOf, publicBlobOf, type SshKey } from "../keys/ssh-key.ts";
import { isSignatureOf, parseSignature } from "../keys/ssh-signature.ts";
import { signatureFile } from "./write.ts";

/** A receipt as it was found: what it says counts only without a problem. */
export interface ExaminedReceipt {
  readonly file: string;
  /** Undefined when it is not of this format. */
  readonly receipt: TestReceipt | undefined;
  /** Why it does not count. */
  readonly problem: ReynsError | undefined;
}

/** Reads a receipt, and verifies its signature with the key of the project's authority. Throws nothing. */
export function examineReceipt(
  file: string,
  authority: Pick<SshKey, "publicKey">,
): ExaminedReceipt {
  try {
    return examine(file, authority);
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    return { file, receipt: undefined, problem: error };
  }
}

function examine(file: string, authority: Pick<SshKey, "publicKey">): ExaminedReceipt {
  const message = readBytes(file, "write one with: reyns test; list them with: reyns receipts");
  const document = parseJson(message.toString());
  const parsed = v.safeParse(receiptSchema, document);
  const receipt = parsed.success ? parsed.output : undefined;
  const problem =
    signatureProblem(file, message, document, authority) ?? formatProblem(file, document, receipt);
  return { file, receipt, problem };
}

/** @throws ReynsError RECEIPT_REFUSED */
function readBytes(file: string, hint: string): Buffer {
  try {
    return readRegularFile(file);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const isMissing = code === "ENOENT" || code === "ENOTDIR";
    const reason = isMissing ? `${file} does not exist` : `cannot read ${file}: ${message}`;
    throw new ReynsError("RECEIPT_REFUSED", reason, { hint, cause });
  }
}

function signatureProblem(
  file: string,
  message: Buffer,
  document: unknown,
  authority: Pick<SshKey, "publicKey">,
): ReynsError | undefined {
  const hint =
    "a receipt counts only with its signature, beside it: get both files from where they were made";
  const signed = signatureFile(file);
  const signature = parseSignature(readBytes(signed, hint).toString());
  if (!signature) return refused(`${signed} is damaged`, hint);
  const own = publicBlobOf({ ...authority, privateKey: "", fingerprint: "" });
  if (!signature.publicBlob.equals(own))
    return otherKeys(file, document, signature.publicBlob, own);
  if (isSignatureOf(signature, { namespace: receiptNamespace, message })) return undefined;
  return refused(
    `${file} is not what was signed: it was changed since, or is another receipt's`,
    hint,
  );
}

function otherKeys(file: string, document: unknown, found: Buffer, own: Buffer): ReynsError {
  const project = isRecord(document) ? document["project"] : undefined;
  const claimed = typeof project === "string" ? `, and names the project "${project}"` : "";
  return refused(
    `${file} is signed with the key ${fingerprintOf(found)}, not with this project's ${fingerprintOf(own)}${claimed}`,
    "on the machine that ran the tests: reyns keys export; here: reyns keys import FILE",
  );
}

function formatProblem(
  file: string,
  document: unknown,
  receipt: TestReceipt | undefined,
): ReynsError | undefined {
  if (receipt) return undefined;
  const schema = isRecord(document) ? document["schema"] : undefined;
  return typeof schema === "number" && schema > receiptFormat
    ? refused(
        `${file} is of a newer version of Reyns (schema ${schema})`,
        "upgrade this one: reyns upgrade",
      )
    : refused(`${basename(file)} is not a receipt`, "write one with: reyns test");
}

function refused(message: string, hint: string): ReynsError {
  return new ReynsError("RECEIPT_REFUSED", message, { hint });
}
