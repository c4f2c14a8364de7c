import { mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { parseJson } from "../../lib/parse-json.ts";
import { writeFileAtomic } from "../../lib/write-file-atomic.ts";
import { userDataFolder } from "../receipt.ts";
import type { RootCertificate } from "./root-certificate.ts";
import { isChosen, type NamedRoot, type StoreChoice } from "./store.ts";

const schema = v.object({
  schema: v.literal(1),
  project: v.string(),
  /** The folder in which the project began. */
  origin: v.string(),
  fingerprint: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  pem: v.string(),
  /** The stores that have it, or were about to get it. */
  stores: v.array(
    v.object({ kind: v.picklist(["system", "nss"]), place: v.string(), owner: v.string() }),
  ),
});

/** What is known of a root certificate that was put into this machine's stores. */
export type TrustRecord = v.InferOutput<typeof schema>;

/** Beside the installer's receipt. */
function folderOf(env: NodeJS.ProcessEnv): string {
  return join(userDataFolder(env), "trust");
}

/** A root certificate with its name in the stores, and the file from which it gets there. */
export function nameRoot(
  project: string,
  { pem, fingerprint }: Pick<RootCertificate, "pem" | "fingerprint">,
  env: NodeJS.ProcessEnv,
): NamedRoot {
  const name = `reyns-${project}-${fingerprint.slice(0, 8)}`;
  return { name, pem, fingerprint, file: join(folderOf(env), `${name}.crt`) };
}

/** All records, in the order of their names; those that are damaged are passed over. */
export async function listTrustRecords(env: NodeJS.ProcessEnv): Promise<TrustRecord[]> {
  const folder = folderOf(env);
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith(".json")).toSorted();
  const read = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return read.flatMap((text) => {
    const { success, output } = v.safeParse(schema, parseJson(text));
    return success ? [output] : [];
  });
}

/** Writes a record with its certificate, before anything is put into a store. */
export async function writeTrustRecord(record: TrustRecord, env: NodeJS.ProcessEnv): Promise<void> {
  const { file, pem } = nameRoot(record.project, record, env);
  await mkdir(folderOf(env), { recursive: true, mode: 0o700 });
  writeFileAtomic(file, pem);
  writeFileAtomic(recordFile(file), `${JSON.stringify(record, undefined, 2)}\n`);
}

/** Removes the chosen stores from a record, and the record itself when it names no others. */
export async function forgetStores(
  record: TrustRecord,
  choice: StoreChoice,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const others = record.stores.filter(({ kind }) => !isChosen(kind, choice));
  if (others.length === 0) return removeTrustRecord(record, env);
  if (others.length < record.stores.length)
    await writeTrustRecord({ ...record, stores: others }, env);
}

/** Removes a record with its certificate, and the folder if it is empty then. */
export async function removeTrustRecord(
  record: TrustRecord,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { file } = nameRoot(record.project, record, env);
  await rm(recordFile(file), { force: true });
  await rm(file, { force: true });
  await rmdir(folderOf(env)).catch(() => undefined);
}

function recordFile(certificateFile: string): string {
  return certificateFile.replace(/\.crt$/, ".json");
}
