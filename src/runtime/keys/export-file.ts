import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { ReynsError, type Place } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { createFileAtomic, writeFileAtomic } from "../../lib/write-file-atomic.ts";
import { secretFiles } from "./digests.ts";
import { allFiles, keyFilesOf, parseKeySet, type KeySet } from "./key-set.ts";
import { maxKeyBytes, readKeyFolder } from "./store.ts";

/** Keys for another node. */
export interface ExportedKeys {
  readonly keys: KeySet;
  /** The project that they were exported from; undefined for a folder of keys. */
  readonly project: string | undefined;
}

/**
 * Formats a project's keys as `{"reyns": "keys", "version": 1, "project": NAME, "files": {NAME: CONTENT}}`. Public keys
 * are left out, because they are derived from the private ones.
 */
export function formatKeyFile({ keys, project }: ExportedKeys): string {
  const all = keyFilesOf(keys);
  const files = Object.fromEntries(secretFiles.map((name) => [name, all[name]]));
  return `${JSON.stringify({ reyns: "keys", version: 1, project, files }, undefined, 2)}\n`;
}

/**
 * Writes a file that only its owner may read, completely or not at all.
 *
 * @throws ReynsError FILE_REFUSED when it exists and `force` is not set; the file system's error
 */
export async function writeKeyFile(file: string, text: string, force: boolean): Promise<void> {
  const write = force ? writeFileAtomic : createFileAtomic;
  try {
    write(file, text, 0o600);
  } catch (cause) {
    throw toWriteError(file, cause as NodeJS.ErrnoException);
  }
}

function toWriteError(file: string, cause: NodeJS.ErrnoException): Error {
  if (cause.code === "EEXIST")
    return new ReynsError("FILE_REFUSED", `${file} exists already`, {
      hint: "move it away, give another name, or overwrite it with force=true",
      cause,
    });
  if (cause.code === "ENOENT")
    return new ReynsError("FILE_REFUSED", `the folder of ${file} does not exist`, { cause });
  return cause;
}

/**
 * Reads a file of `formatKeyFile`, or a folder of key files.
 *
 * @param file `-` for standard input
 * @throws ReynsErrors KEYS_UNUSABLE, FILE_REFUSED: all errors at once, without any part of the keys
 */
export async function readKeyFile(file: string): Promise<ExportedKeys> {
  if (file === "-") return parseKeyFile(await readLimited(process.stdin, undefined), undefined);
  const stats = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    const hint = "create it on the machine that has the keys: reyns keys export";
    throw new ReynsError("FILE_REFUSED", `${file} does not exist`, { hint, cause: error });
  });
  if (stats.isDirectory())
    return { keys: parseKeySet(readKeyFolder(file), { file }), project: undefined };
  if (!stats.isFile()) {
    const hint = "pipe it in instead: reyns keys import - < FILE";
    throw new ReynsError("FILE_REFUSED", `${file} is not a regular file`, { hint });
  }
  return parseKeyFile(await readLimited(createReadStream(file), { file }), { file });
}

/** Reads no more than keys can be long, whatever the file is. */
async function readLimited(stream: AsyncIterable<unknown>, at: Place | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk as Buffer);
      length += bytes.length;
      if (length > maxKeyBytes) break;
      chunks.push(bytes);
    }
  } catch (cause) {
    const message = `cannot read it: ${(cause as Error).message}`;
    throw new ReynsError("FILE_REFUSED", message, { at, cause });
  }
  if (length > maxKeyBytes)
    throw importError(`the file is longer than ${maxKeyBytes / 1024} KB, which keys never are`, at);
  return Buffer.concat(chunks).toString();
}

function parseKeyFile(text: string, at: Place | undefined): ExportedKeys {
  const document = parseJson(text);
  // A parser's own message would quote the text around the mistake, which may be a secret.
  if (document === undefined)
    throw importError(text.trim() === "" ? "the file is empty" : "not JSON, or truncated", at);
  if (!isRecord(document) || document["reyns"] !== "keys" || !isRecord(document["files"]))
    throw importError('"reyns": "keys" and "files" are missing', at);
  if (document["version"] !== 1)
    throw importError("exported by a newer version of Reyns: upgrade this one", at);
  const { project } = document;
  return {
    keys: parseKeySet(new Map(textFilesIn(document["files"], at)), at),
    project: typeof project === "string" ? project : undefined,
  };
}

function textFilesIn(
  files: Readonly<Record<string, unknown>>,
  at: Place | undefined,
): [string, string][] {
  const entries = Object.entries(files);
  const unknown = entries.filter(([name]) => !allFiles.includes(name));
  if (unknown.length > 0)
    throw importError(`${unknown.length} of its files are not keys of a project`, at);
  const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === "string");
  if (texts.length < entries.length) throw importError("the content of a file is not a string", at);
  return texts;
}

function importError(reason: string, at: Place | undefined): ReynsError {
  const hint = `accepted: a file written by "reyns keys export", or a folder with ${secretFiles.join(", ")}`;
  return new ReynsError("KEYS_UNUSABLE", `cannot import these keys: ${reason}`, { hint, at });
}
