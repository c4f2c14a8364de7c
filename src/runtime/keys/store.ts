import { existsSync, lstatSync, renameSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { readRegularFile, readUnlinkedFile } from "../../lib/read-regular-file.ts";
import { createFileAtomic, writeFileAtomic } from "../../lib/write-file-atomic.ts";
import { createPrivateFolder } from "../private-folder.ts";
import { keysDigest, noKeys } from "./digests.ts";
import {
  allFiles,
  createAuthority,
  createKeySet,
  keyFilesOf,
  parseKeySet,
  publicFilesOf,
  type KeySet,
} from "./key-set.ts";
import { parseSshKey } from "./ssh-key.ts";

/**
 * Creates the project's keys if there are none: the SSH key of users, the authority for the host keys of instances (both
 * ed25519), and the DNS's TSIG key. All files appear at once, so that two simultaneous runs end up with the same keys.
 *
 * @returns digest of the keys
 * @throws ReynsError KEYS_UNUSABLE
 */
export async function ensureKeys(folder: string): Promise<string> {
  if (!hasKeys(folder)) await createKeys(folder);
  else if (!existsSync(join(folder, "ssh_host_ca_ed25519.pub"))) await addAuthority(folder);
  return (await keysDigest(folder)) ?? noKeys;
}

export function hasKeys(folder: string): boolean {
  completeReplacement(folder);
  return existsSync(join(folder, "id_ed25519"));
}

/** Path of complete keys that are about to replace those of a folder. */
function nextKeys(folder: string): string {
  return `${folder}-next`;
}

/** A replacement that was killed between its two renames has left no keys but the new ones, which are complete. */
function completeReplacement(folder: string): void {
  const next = nextKeys(folder);
  if (existsSync(folder) || !lstatSync(next, { throwIfNoEntry: false })?.isDirectory()) return;
  try {
    renameSync(next, folder);
  } catch {
    // Another call was faster, or this user may not: there are no keys then.
  }
}

async function createKeys(folder: string): Promise<void> {
  const draft = await writeDraft(createKeySet(), folder);
  try {
    await rename(draft, folder);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    if (hasKeys(folder)) return;
    throw new ReynsError("KEYS_UNUSABLE", `cannot create the project's keys in ${folder}`, {
      hint: "the folder may contain something else: move it away",
      cause,
    });
  }
}

/** Completes keys of an earlier version in place: running instances may need the others. Its public file comes last. */
async function addAuthority(folder: string): Promise<void> {
  const file = join(folder, "ssh_host_ca_ed25519");
  try {
    createFileAtomic(file, createAuthority().privateKey, 0o600);
  } catch (error) {
    // Another call was faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const { known_hosts = "", ...others } = publicFilesOf(
    parseSshKey(readKeyText(file, readUnlinkedFile) ?? ""),
  );
  for (const [name, text] of Object.entries({ known_hosts, ...others }))
    writeFileAtomic(join(folder, name), text, 0o600);
}

/**
 * Reads the project's keys.
 *
 * @throws ReynsErrors KEYS_UNUSABLE
 */
export async function readKeys(folder: string): Promise<KeySet> {
  completeReplacement(folder);
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) throw notKeys(folder);
  return parseKeySet(readKeyFolder(folder, readUnlinkedFile), { file: folder });
}

/** No key is longer. */
export const maxKeyBytes = 65_536;

/**
 * Reads the key files that a folder has: name -> content.
 *
 * @throws ReynsError KEYS_UNUSABLE for what is no file, or too long
 */
export function readKeyFolder(folder: string, read = readRegularFile): Map<string, string> {
  const texts = allFiles.flatMap((name) => {
    const text = readKeyText(join(folder, name), read);
    return text === undefined ? [] : [[name, text] as const];
  });
  return new Map(texts);
}

const noKeyCodes: ReadonlySet<unknown> = new Set([
  "ELOOP",
  "EISDIR",
  "ENOTREGULAR",
  "EFBIG",
  "ENXIO",
]);

function readKeyText(file: string, read: typeof readRegularFile): string | undefined {
  let bytes: Buffer;
  try {
    bytes = read(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (noKeyCodes.has(code)) throw notKeys(file);
    throw cause;
  }
  if (bytes.length > maxKeyBytes) throw notKeys(file);
  return bytes.toString();
}

/** A link in a folder from elsewhere could make the user's own keys those of the project. */
function notKeys(path: string): ReynsError {
  const hint = "keys are regular files, no links: copy them, or get them with: reyns keys import";
  return new ReynsError("KEYS_UNUSABLE", `${basename(path)}: not a key file`, {
    hint,
    at: { file: path },
  });
}

/**
 * Replaces the project's keys, all at once. Running instances keep the old folder, which is renamed.
 *
 * @returns the new path of the old folder; undefined when there was none
 * @throws ReynsError KEYS_UNUSABLE; the old keys are in their place then
 */
export async function replaceKeys(folder: string, keys: KeySet): Promise<string | undefined> {
  const next = nextKeys(folder);
  const draft = await writeDraft(keys, folder);
  const old = existsSync(folder) ? unusedName(folder) : undefined;
  try {
    await rm(next, { recursive: true, force: true });
    await rename(draft, next);
    if (old !== undefined) await rename(folder, old);
    await rename(next, folder);
    return old;
  } catch (cause) {
    for (const path of [draft, next]) await rm(path, { recursive: true, force: true });
    if (old !== undefined && !existsSync(folder)) await rename(old, folder).catch(() => {});
    throw new ReynsError("KEYS_UNUSABLE", `cannot replace the project's keys in ${folder}`, {
      hint: `another call may be creating keys at the same time: look into ${dirname(folder)}`,
      cause,
    });
  }
}

/** `keys.old-20260131T120000Z`, with a number if that exists. */
function unusedName(folder: string): string {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const names = ["", "-2", "-3", "-4", "-5"].map((suffix) => `${folder}.old-${time}${suffix}`);
  return names.find((name) => !existsSync(name)) ?? `${folder}.old-${crypto.randomUUID()}`;
}

/** Writes a key set into a new folder beside the given one, ignored by git. */
async function writeDraft(keys: KeySet, folder: string): Promise<string> {
  createPrivateFolder(dirname(folder));
  const draft = await mkdtemp(join(dirname(folder), "keys-"));
  try {
    const files = Object.entries(keyFilesOf(keys));
    await Promise.all(
      files.map(([name, content]) => writeFile(join(draft, name), content, { mode: 0o600 })),
    );
    return draft;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw Object.assign(error as Error, { path: folder });
  }
}
