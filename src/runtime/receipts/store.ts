import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { ReynsError } from "../../errors.ts";
import { compareStrings } from "../../lib/compare-strings.ts";
import type { TestReceipt } from "../../model/receipt.ts";
import { keysFolder } from "../../model/resource-names.ts";
import type { SshKey } from "../keys/ssh-key.ts";
import { hasKeys, readKeys } from "../keys/store.ts";
import { examineReceipt, type ExaminedReceipt } from "./read.ts";
import { receiptsFolder } from "./write.ts";

type Folder = { readonly folder: string };

/** Paths of the receipts of a project, by name. */
export function receiptFiles(project: Folder): string[] {
  const folder = receiptsFolder(project);
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
    return names.toSorted(compareStrings).map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/**
 * The key that signs the receipts of a project.
 *
 * @throws ReynsErrors KEYS_UNUSABLE
 */
export async function receiptAuthority(project: Folder): Promise<SshKey> {
  const folder = keysFolder(project);
  if (hasKeys(folder)) return (await readKeys(folder)).authority;
  const hint = "on the machine that ran the tests: reyns keys export; here: reyns keys import FILE";
  const message = "this project has no keys here, and a receipt is verified with them";
  throw new ReynsError("KEYS_UNUSABLE", message, { hint });
}

/** What the latest receipt has to be about; undefined where that does not matter. */
interface ReceiptSubject {
  readonly project?: string | undefined;
  readonly conf?: string | undefined;
}

/** The newest receipt that counts. A later one may have another name, and one of other keys any time. */
async function findLatest(
  project: Folder,
  { project: name, conf }: ReceiptSubject,
): Promise<ExaminedReceipt> {
  const all = await listReceipts(project);
  const latest = all.findLast(
    ({ receipt, problem }) =>
      !problem &&
      [receipt?.project, undefined].includes(name) &&
      [receipt?.conf, undefined].includes(conf),
  );
  if (latest) return latest;
  const problem = all.findLast((one) => one.problem)?.problem;
  if (problem) throw problem;
  const subject = conf === undefined ? "this project" : `the conf "${conf}"`;
  const call = conf === undefined || conf === "default" ? "reyns test" : `reyns test conf=${conf}`;
  const hint = `write one with: ${call}; list those of others: reyns receipts`;
  throw new ReynsError("RECEIPT_REFUSED", `${subject} has no receipts here`, { hint });
}

/** A receipt whose signature counts. */
export interface ValidReceipt {
  readonly file: string;
  readonly receipt: TestReceipt;
}

/**
 * Reads a receipt that has to count.
 *
 * @param name a file, or `latest`
 * @param subject of the latest one
 * @throws ReynsErrors RECEIPT_REFUSED, KEYS_UNUSABLE
 */
export async function readReceipt(
  name: string,
  project: Folder,
  subject: ReceiptSubject = {},
): Promise<ValidReceipt> {
  const { file, receipt, problem } =
    name === "latest"
      ? await findLatest(project, subject)
      : examineReceipt(resolve(name), await receiptAuthority(project));
  if (problem) throw problem;
  // Without a problem, it has been read.
  return { file, receipt: receipt as TestReceipt };
}

/** All receipts of a project, the oldest first, whether they count or not. */
export async function listReceipts(project: Folder): Promise<ExaminedReceipt[]> {
  const files = receiptFiles(project);
  if (files.length === 0) return [];
  const authority = await receiptAuthority(project);
  const examined = files.map((file) => examineReceipt(file, authority));
  return examined.toSorted((one, other) => testedAt(one.receipt) - testedAt(other.receipt));
}

/** Milliseconds since 1970; what cannot be read is the oldest. */
export function testedAt(receipt: TestReceipt | undefined): number {
  return receipt ? Date.parse(receipt.testedAt) : 0;
}
