import { planRemoval } from "../../../install/trust/changes.ts";
import { listTrustRecords, forgetStores, type TrustRecord } from "../../../install/trust/record.ts";
import type { StoreChoice } from "../../../install/trust/store.ts";
import { pluralize } from "../../../lib/pluralize.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson } from "../../../ui/output/print.ts";
import { trustChangeToJson } from "../../../ui/views/trust.ts";
import { locateProject } from "../../common/context.ts";
import { applyTrustChanges } from "./apply-changes.ts";

interface RemoveTrustOptions extends StoreChoice {
  /** Those of every project. */
  readonly all: boolean;
  readonly yes: boolean;
  readonly json: boolean;
}

/** Takes out what was put into this machine's stores. Needs neither the router nor an Engine. */
export async function removeTrust({
  all,
  yes,
  json,
  ...choice
}: RemoveTrustOptions): Promise<void> {
  const records = await findRecords(all);
  const changes = await planRemoval(records, choice, process.env);
  if (changes.length > 0)
    await applyTrustChanges(changes, {
      notice: `Root certificates of ${all ? "all projects" : "this project"}:`,
      question: "Remove them?",
      yes,
      again: `reyns trust remove=true${all ? " all=true" : ""}`,
      record: async () => {},
    });
  await forget(records, choice);
  if (json) return printJson({ changes: changes.map(trustChangeToJson) });
  if (changes.length > 0) return print(`removed from ${pluralize(changes.length, "store")}`);
  const which = choice.system && choice.browsers ? "no store" : "no chosen store";
  log.info(`${which} of this machine has a root certificate that reyns trust put there`);
}

/** Removes the chosen stores, which have the roots no more, from their records. */
export async function forget(records: readonly TrustRecord[], choice: StoreChoice): Promise<void> {
  for (const record of records) await forgetStores(record, choice, process.env);
}

async function findRecords(all: boolean): Promise<TrustRecord[]> {
  const records = await listTrustRecords(process.env);
  if (all) return records;
  const { origin } = await locateProject();
  return records.filter((record) => record.origin === origin);
}
