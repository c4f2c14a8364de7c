import { existsSync } from "node:fs";
import { link, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { shellQuote } from "../../lib/shell-quote.ts";
import { keysDigest, secretFiles } from "./digests.ts";
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
 * Makes the project's keys unless they are there: the user's SSH key and the authority of the instances' host keys
 * (ed25519), and the DNS's TSIG key. They appear all at once, so that two runs at the same time end up with the same
 * ones. Returns their digest.
 *
 * @throws ReynsError KEYS_UNUSABLE
 */
export async function ensureKeys(folder: string): Promise<string> {
  if (!hasKeys(folder)) await createKeys(folder);
  else if (!existsSync(join(folder, "ssh_host_ca_ed25519.pub"))) await addAuthority(folder);
  return (await keysDigest(folder)) ?? "";
}

async function createKeys(folder: string): Promise<void> {
  const draft = await writeDraft(createKeySet(), folder);
  try {
    await rename(draft, folder);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    if (hasKeys(folder)) return;
    throw new ReynsError("KEYS_UNUSABLE", `the project's keys cannot be made in ${folder}`, {
      hint: "is there something else in it? Move it away",
      cause,
    });
  }
}

/** To keys from before there was one, in place: what runs may need the others again. Its public file is made last. */
async function addAuthority(folder: string): Promise<void> {
  const file = join(folder, "ssh_host_ca_ed25519");
  await writeWhole(file, createAuthority().privateKey, link).catch(
    (error: NodeJS.ErrnoException) => {
      // Another call was faster.
      if (error.code !== "EEXIST") throw error;
    },
  );
  const { known_hosts = "", ...others } = publicFilesOf(parseSshKey(await readFile(file, "utf8")));
  for (const [name, text] of Object.entries({ known_hosts, ...others }))
    await writeWhole(join(folder, name), text, rename);
}

/** Nobody sees a part of it. */
async function writeWhole(
  file: string,
  text: string,
  place: (draft: string, file: string) => Promise<void>,
): Promise<void> {
  const draft = `${file}.${crypto.randomUUID().slice(0, 8)}`;
  try {
    await writeFile(draft, text, { mode: 0o600, flag: "wx" });
    await place(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

export function hasKeys(folder: string): boolean {
  return existsSync(join(folder, "id_ed25519"));
}

/**
 * The project's keys as they lie there.
 *
 * @throws ReynsErrors KEYS_UNUSABLE
 */
export async function readKeys(folder: string): Promise<KeySet> {
  const files = await readKeyFolder(folder);
  return parseKeySet(files, { file: folder });
}

/** No key is longer; what is, is something else. */
export const maxKeyBytes = 65_536;

/** Name -> content of those files of keys that a folder has. */
export async function readKeyFolder(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of allFiles) {
    const file = join(folder, name);
    const stats = await stat(file).catch(() => undefined);
    if (!stats) continue;
    if (!stats.isFile() || stats.size > maxKeyBytes)
      throw new ReynsError("KEYS_UNUSABLE", `${name}: it is no file of a key`, { at: { file } });
    found.set(name, await readFile(file, "utf8"));
  }
  return found;
}

/** How a file of keys, or their folder, lies there. */
export interface KeyFile {
  readonly name: string;
  readonly since: Date;
  /** Permission bits. */
  readonly mode: number;
  /** What is wrong with mode and owner, with the command that mends it. */
  readonly problems: readonly string[];
}

/** The secret files that are there, and the folder under the name ".". */
export async function inspectKeyFiles(folder: string): Promise<readonly KeyFile[]> {
  const names = [".", ...secretFiles].filter((name) => existsSync(join(folder, name)));
  return Promise.all(names.map((name) => inspectKeyFile(join(folder, name), name)));
}

async function inspectKeyFile(path: string, name: string): Promise<KeyFile> {
  const stats = await stat(path);
  const mode = stats.mode & 0o777;
  const user = process.getuid?.() ?? 0;
  const faults = [];
  if ((mode & 0o077) !== 0)
    faults.push(`others may use ${path} (mode ${octal(mode)}): chmod go= ${shellQuote(path)}`);
  // root may look at what is somebody's own.
  if (user !== 0 && stats.uid !== user)
    faults.push(`${path} belongs to another user: sudo chown ${user} ${shellQuote(path)}`);
  return { name, since: stats.mtime, mode, problems: faults };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

/**
 * Puts other keys in the place of the project's, all at once. What runs keeps the old folder, which stays beside.
 * Returns where that is; undefined when there was none.
 *
 * @throws ReynsError KEYS_UNUSABLE; then the old ones are where they were
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
    const message = `the project's keys in ${folder} cannot be replaced`;
    throw new ReynsError("KEYS_UNUSABLE", message, {
      hint: `does another call make keys at the same time? Look into ${dirname(folder)}`,
      cause,
    });
  }
}

/** `keys.old-20260131T120000Z`, and a number behind it if that is taken. */
function unusedName(folder: string): string {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const names = ["", "-2", "-3", "-4", "-5"].map((end) => `${folder}.old-${time}${end}`);
  return names.find((name) => !existsSync(name)) ?? `${folder}.old-${crypto.randomUUID()}`;
}

/** All of a set in a folder beside the one that they are for, out of git's sight. */
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
