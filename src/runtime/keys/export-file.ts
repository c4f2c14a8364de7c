import { createReadStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { ReynsError, type Place } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { secretFiles } from "./digests.ts";
import { allFiles, keyFilesOf, parseKeySet, type KeySet } from "./key-set.ts";
import { maxKeyBytes, readKeyFolder } from "./store.ts";

/** Keys on their way to another node. */
export interface ExportedKeys {
  readonly keys: KeySet;
  /** The project that they were exported from; undefined for a folder of keys. */
  readonly project: string | undefined;
}

/**
 * A project's keys as one text: `{"reyns": "keys", "version": 1, "project": NAME, "files": {NAME: CONTENT}}`. What is
 * public follows from the private keys and is not in it.
 */
export function formatKeyFile({ keys, project }: ExportedKeys): string {
  const all = keyFilesOf(keys);
  const files = Object.fromEntries(secretFiles.map((name) => [name, all[name]]));
  return `${JSON.stringify({ reyns: "keys", version: 1, project, files }, undefined, 2)}\n`;
}

/**
 * Writes a text for its owner alone; a file that is replaced had it all until then. Nothing half-written stays.
 *
 * @throws ReynsError FILE_REFUSED when there is something and `force` is not given; the file system's own error
 */
export async function writeKeyFile(file: string, text: string, force: boolean): Promise<void> {
  const draft = force ? `${file}.${crypto.randomUUID().slice(0, 8)}` : file;
  const handle = await open(draft, "wx", 0o600).catch((cause: NodeJS.ErrnoException) => {
    throw toOpenError(file, cause);
  });
  try {
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    if (force) await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw Object.assign(error as Error, { path: file });
  }
}

function toOpenError(file: string, cause: NodeJS.ErrnoException): Error {
  if (cause.code === "EEXIST")
    return new ReynsError("FILE_REFUSED", `${file} is there already`, {
      hint: "move it away, name another, or add force=True",
      cause,
    });
  if (cause.code === "ENOENT")
    return new ReynsError("FILE_REFUSED", `there is no folder for ${file}`, { cause });
  return Object.assign(cause, { path: file });
}

/**
 * Reads what `formatKeyFile` has written, or a folder with the files of keys.
 *
 * @param file `-` for standard input
 * @throws ReynsErrors KEYS_UNUSABLE, FILE_REFUSED: all that is wrong at once, without any of the content
 */
export async function readKeyFile(file: string): Promise<ExportedKeys> {
  if (file === "-") return parseKeyFile(await readLimited(0, undefined), undefined);
  const stats = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    const hint = "write one with: reyns keys export, on the machine that has the keys";
    throw new ReynsError("FILE_REFUSED", `there is no ${file}`, { hint, cause: error });
  });
  if (stats.isDirectory())
    return { keys: parseKeySet(await readKeyFolder(file), { file }), project: undefined };
  return parseKeyFile(await readLimited(file, { file }), { file });
}

/** Never more than keys can be long, whatever the file is. */
async function readLimited(source: string | 0, at: Place | undefined): Promise<string> {
  const stream = source === 0 ? process.stdin : createReadStream(source);
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of stream) {
      const bytes = Buffer.from(part as Buffer);
      length += bytes.length;
      if (length > maxKeyBytes) break;
      parts.push(bytes);
    }
  } catch (cause) {
    const message = `it cannot be read: ${(cause as Error).message}`;
    throw new ReynsError("FILE_REFUSED", message, { at, cause });
  }
  if (length > maxKeyBytes)
    throw importError(`it is longer than ${maxKeyBytes / 1024} KB, which keys never are`, at);
  return Buffer.concat(parts).toString();
}

function parseKeyFile(text: string, at: Place | undefined): ExportedKeys {
  const document = parseJson(text);
  if (document === undefined) throw importError(describeInvalidJson(text), at);
  if (!isRecord(document) || document["reyns"] !== "keys" || !isRecord(document["files"]))
    throw importError('it lacks "reyns": "keys" and "files"', at);
  if (document["version"] !== 1)
    throw importError("it is of another version of Reyns: upgrade this one", at);
  const files = Object.entries(document["files"]);
  const foreign = files.filter(([name]) => !allFiles.includes(name));
  if (foreign.length > 0)
    throw importError(`${foreign.length} of its files are no keys of a project`, at);
  const texts = files.filter((entry): entry is [string, string] => typeof entry[1] === "string");
  if (texts.length < files.length) throw importError("the content of a file is no text", at);
  const { project } = document;
  return {
    keys: parseKeySet(new Map(texts), at),
    project: typeof project === "string" ? project : undefined,
  };
}

function describeInvalidJson(text: string): string {
  return text.trim() === "" ? "it is empty" : "it is no JSON, or cut short";
}

function importError(reason: string, at: Place | undefined): ReynsError {
  const hint = `accepted: what "reyns keys export" writes, or a folder with ${secretFiles.join(", ")}`;
  const message = `these keys cannot be imported: ${reason}`;
  return new ReynsError("KEYS_UNUSABLE", message, { hint, at });
}
