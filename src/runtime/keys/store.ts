import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { createFileAtomic, writeFileAtomic } from "../../lib/write-file-atomic.ts";
import { keysDigest } from "./digests.ts";
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
  return (await keysDigest(folder)) ?? "";
}

export function hasKeys(folder: string): boolean {
  return existsSync(join(folder, "id_ed25519"));
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
  const { known_hosts = "", ...others } = publicFilesOf(parseSshKey(await readFile(file, "utf8")));
  for (const [name, text] of Object.entries({ known_hosts, ...others }))
    writeFileAtomic(join(folder, name), text, 0o600);
}

/**
 * Reads the project's keys.
 *
 * @throws ReynsErrors KEYS_UNUSABLE
 */
export async function readKeys(folder: string): Promise<KeySet> {
  const files = await readKeyFolder(folder);
  return parseKeySet(files, { file: folder });
}

/** No key is longer. */
export const maxKeyBytes = 65_536;

/** Reads the key files that a folder has: name -> content. */
export async function readKeyFolder(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of allFiles) {
    const file = join(folder, name);
    const stats = await stat(file).catch(() => undefined);
    if (!stats) continue;
    if (!stats.isFile() || stats.size > maxKeyBytes)
      throw new ReynsError("KEYS_UNUSABLE", `${name}: not a key file`, { at: { file } });
    found.set(name, await readFile(file, "utf8"));
  }
  return found;
}

/**
 * Replaces the project's keys, all at once. Running instances keep the old folder, which is renamed.
 *
 * @returns the new path of the old folder; undefined when there was none
 * @throws ReynsError KEYS_UNUSABLE; the old keys are in their place then
 */
export async function replaceKeys(folder: string, keys: KeySet): Promise<string | undefined> {
  const draft = await writeDraft(keys, folder);
  const old = existsSync(folder) ? unusedName(folder) : undefined;
  try {
    if (old !== undefined) await rename(folder, old);
    await rename(draft, folder);
    return old;
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
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
  await mkdir(dirname(folder), { recursive: true });
  await writeFile(join(dirname(folder), ".gitignore"), "*\n");
  const draft = await mkdtemp(join(dirname(folder), "keys-"));
  try {
    const files = Object.entries(keyFilesOf(keys));
    await Promise.all(
      files.map(([name, content]) => writeFile(join(draft, name), content, { mode: 0o600 })),
    );
    return draft;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}
