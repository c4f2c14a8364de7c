import { readAnswer, requireString } from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { errorStatus } from "../client/errors.ts";
import { getJson, request, requestUnless } from "../client/request.ts";
import type { FileReference } from "./types.ts";

/** A file that Swarm distributes to the tasks of a service. */
export interface SwarmFile {
  readonly kind: "secrets" | "configs";
  /** Differs with the content, which Swarm cannot change. */
  readonly name: string;
  /** Absolute path in the tasks. */
  readonly path: string;
  readonly content: Buffer;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

interface Stored {
  readonly ID: string;
  readonly Spec: { readonly Name: string; readonly Labels?: Readonly<Record<string, string>> };
}

/** Makes sure that the swarm has the files, and returns what the tasks refer to them by. */
export async function storeFiles(
  engine: Engine,
  files: readonly SwarmFile[],
  labels: Readonly<Record<string, string>>,
): Promise<{ readonly Secrets: FileReference[]; readonly Configs: FileReference[] }> {
  const references = { Secrets: [] as FileReference[], Configs: [] as FileReference[] };
  for (const file of files) {
    const id = await storeFile(engine, file, labels);
    const { name, path, uid, gid, mode } = file;
    const File = { Name: path, UID: String(uid), GID: String(gid), Mode: mode };
    if (file.kind === "secrets")
      references.Secrets.push({ SecretID: id, ...{ SecretName: name, File } });
    else references.Configs.push({ ConfigID: id, ...{ ConfigName: name, File } });
  }
  return references;
}

async function storeFile(
  engine: Engine,
  { kind, name, content }: SwarmFile,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  const body = { Name: name, Labels: labels, Data: content.toString("base64") };
  const options = { method: "POST", path: `/${kind}/create`, body } as const;
  try {
    return (await request<{ ID: string }>(engine, options)).ID;
  } catch (error) {
    if (errorStatus(error) !== 409) throw error;
  }
  const stored = await getJson<Stored[]>(engine, listPath(kind, { name: [name] }));
  // The filter takes the beginnings of names as well.
  const found = stored.find(({ Spec }) => Spec.Name === name);
  if (!found) throw new Error(`the swarm has ${name}, and does not list it`);
  return found.ID;
}

/** Names of the secrets or configs of a swarm. */
export async function listFileNames(engine: Engine, kind: SwarmFile["kind"]): Promise<string[]> {
  const stored = await getJson<Stored[]>(engine, `/${kind}`);
  return readAnswer(engine, stored, (list) => list.map(({ Spec }) => requireString(Spec.Name)));
}

function listPath(kind: SwarmFile["kind"], filters: object): string {
  return `/${kind}?filters=${encodeURIComponent(JSON.stringify(filters))}`;
}

/** A file that the swarm has. */
interface StoredFile {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Removes the files with the labels (`name=value`), but for those that are kept. What a service still has stays: Swarm
 * refuses to remove it.
 */
export async function removeFiles(
  engine: Engine,
  labels: readonly string[],
  isKept: (file: StoredFile) => boolean = () => false,
): Promise<void> {
  for (const kind of ["secrets", "configs"] as const) {
    const stored = await getJson<Stored[]>(engine, listPath(kind, { label: labels }));
    const gone = stored.filter(({ ID, Spec }) => !isKept({ id: ID, labels: Spec.Labels ?? {} }));
    for (const { ID } of gone)
      await requestUnless([400, 404, 409, 500], engine, {
        method: "DELETE",
        path: `/${kind}/${ID}`,
      });
  }
}
