import { ReynsError } from "../../../errors.ts";
import { planRemoval, planTrust } from "../../../install/trust/changes.ts";
import { findStores } from "../../../install/trust/find-stores.ts";
import {
  listTrustRecords,
  nameRoot,
  writeTrustRecord,
  type TrustRecord,
} from "../../../install/trust/record.ts";
import {
  parseRootCertificate,
  type RootCertificate,
} from "../../../install/trust/root-certificate.ts";
import type { StoreChoice, TrustStore } from "../../../install/trust/store.ts";
import { pluralize } from "../../../lib/pluralize.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson } from "../../../ui/output/print.ts";
import { formatRoot, trustChangeToJson } from "../../../ui/views/trust.ts";
import { applyTrustChanges } from "./apply-changes.ts";
import { fetchRoot } from "./fetch-root.ts";
import { forget } from "./remove.ts";

interface TrustOptions extends StoreChoice {
  readonly yes: boolean;
  readonly json: boolean;
}

/** Puts the root certificate of the project's router into this machine's stores, and takes out its former ones. */
export async function addTrust({ yes, json, ...choice }: TrustOptions): Promise<void> {
  const { project, origin, pem } = await fetchRoot();
  const certificate = parseRootCertificate(pem);
  const root = nameRoot(project, certificate, process.env);
  const stores = requireStores(await findStores(process.env, choice));
  const records = (await listTrustRecords(process.env)).filter((one) => one.origin === origin);
  const former = records.filter(({ fingerprint }) => fingerprint !== root.fingerprint);
  const changes = [
    ...(await planTrust(root, stores)),
    ...(await planRemoval(former, choice, process.env)),
  ];
  const { fingerprint } = certificate;
  const current = records.find((record) => record.fingerprint === fingerprint);
  const record = mergeRecord(current, { project, origin, fingerprint, pem: root.pem, stores });
  if (changes.length > 0)
    await applyTrustChanges(changes, {
      notice: formatRoot(certificate),
      question: "Trust it on this machine?",
      yes,
      again: "reyns trust",
      record: () => writeTrustRecord(record, process.env),
    });
  await forget(former, choice);
  const count = pluralize(stores.length, "store");
  const toJson = { project, ...rootToJson(certificate), changes: changes.map(trustChangeToJson) };
  if (json) return printJson(toJson);
  if (changes.length === 0) return log.info(`${root.name} is trusted already, by ${count}`);
  print(`${root.name} is trusted by ${count}`);
  log.info("restart running browsers");
}

function rootToJson({ subject, fingerprint, expiresAt, names }: RootCertificate): object {
  return { subject, fingerprint, expiresAt: expiresAt.toISOString(), names };
}

function requireStores(stores: readonly TrustStore[]): readonly TrustStore[] {
  if (stores.length > 0) return stores;
  throw new ReynsError("MISSING_TOOL", "no certificate store found on this machine", {
    hint: "start your browser once, which creates its store; or install the package ca-certificates for the system's",
  });
}

type NewRecord = Omit<TrustRecord, "schema" | "stores"> & {
  readonly stores: readonly TrustStore[];
};

/** The record of a root with the stores that it is about to be in, too. */
function mergeRecord(current: TrustRecord | undefined, next: NewRecord): TrustRecord {
  const stores = next.stores.map(({ kind, place, owner }) => ({ kind, place, owner }));
  const others = (current?.stores ?? []).filter(
    ({ place }) => !stores.some((store) => store.place === place),
  );
  return { ...next, schema: 1, stores: [...others, ...stores] };
}
