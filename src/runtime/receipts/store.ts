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

/** Paths of the receipts of a project, the oldest first. */
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

/** The path of a receipt: of a file, or of the newest one. */
function findReceipt(name: string, project: Folder): string {
  if (name !== "latest") return resolve(name);
  const newest = receiptFiles(project).at(-1);
  if (newest !== undefined) return newest;
  const hint = "write one with: reyns test";
  throw new ReynsError("RECEIPT_REFUSED", "this project has no receipts here", { hint });
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
 * @throws ReynsErrors RECEIPT_REFUSED, KEYS_UNUSABLE
 */
export async function readReceipt(name: string, project: Folder): Promise<ValidReceipt> {
  const file = findReceipt(name, project);
  const { receipt, problem } = examineReceipt(file, await receiptAuthority(project));
  if (problem) throw problem;
  // Without a problem, it has been read.
  return { file, receipt: receipt as TestReceipt };
}

/** All receipts of a project, the oldest first, whether they count or not. */
export async function listReceipts(project: Folder): Promise<ExaminedReceipt[]> {
  const files = receiptFiles(project);
  if (files.length === 0) return [];
  const authority = await receiptAuthority(project);
  return files.map((file) => examineReceipt(file, authority));
}
