import { planRemoval } from "../../../install/trust/changes.ts";
import {
  listTrustRecords,
  removeTrustRecord,
  type TrustRecord,
} from "../../../install/trust/record.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson } from "../../../ui/output/print.ts";
import { trustChangeToJson } from "../../../ui/views/trust.ts";
import { locateProject } from "../../common/context.ts";
import { applyTrustChanges } from "./apply-changes.ts";

interface RemoveTrustOptions {
  /** Those of every project. */
  readonly all: boolean;
  readonly yes: boolean;
  readonly json: boolean;
}

/** Takes out what was put into this machine's stores. Needs neither the router nor an Engine. */
export async function removeTrust({ all, yes, json }: RemoveTrustOptions): Promise<void> {
  const records = await findRecords(all);
  const changes = await planRemoval(records, process.env);
  if (changes.length > 0)
    await applyTrustChanges(changes, {
      notice: `Root certificates of ${all ? "all projects" : "this project"}:`,
      question: "Remove them?",
      yes,
      record: async () => {},
    });
  await forget(records);
  if (json) return printJson({ changes: changes.map(trustChangeToJson) });
  if (changes.length > 0) return print(`removed from ${countStores(changes.length)}`);
  log.info("no store of this machine has a root certificate that reyns trust put there");
}

/** Removes the records of roots that no store has any more. */
export async function forget(records: readonly TrustRecord[]): Promise<void> {
  for (const record of records) await removeTrustRecord(record, process.env);
}

async function findRecords(all: boolean): Promise<TrustRecord[]> {
  const records = await listTrustRecords(process.env);
  if (all) return records;
  const { origin } = await locateProject();
  return records.filter((record) => record.origin === origin);
}

export function countStores(count: number): string {
  return count === 1 ? "1 store" : `${count} stores`;
}
