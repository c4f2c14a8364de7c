import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileModeText } from "../../lib/file-mode.ts";
import { shellQuote } from "../../lib/shell-quote.ts";
import { secretFiles } from "./digests.ts";

/** A file of keys, or their folder. */
export interface KeyFile {
  readonly name: string;
  readonly since: Date;
  /** Permission bits. */
  readonly mode: number;
  /** What is wrong with its mode and owner. */
  readonly problems: readonly KeyProblem[];
}

export interface KeyProblem {
  readonly message: string;
  /** Command that fixes it. */
  readonly remedy: string;
}

/** Inspects the secret files that exist, and the folder, named ".". */
export async function inspectKeyFiles(folder: string): Promise<readonly KeyFile[]> {
  const names = [".", ...secretFiles].filter((name) => existsSync(join(folder, name)));
  return Promise.all(names.map((name) => inspectKeyFile(join(folder, name), name)));
}

async function inspectKeyFile(path: string, name: string): Promise<KeyFile> {
  const { mode: fullMode, uid, mtime } = await stat(path);
  const mode = fullMode & 0o777;
  const user = process.getuid?.() ?? 0;
  const problems: KeyProblem[] = [];
  if ((mode & 0o077) !== 0)
    problems.push({
      message: `other users may access ${path} (mode ${fileModeText(mode)})`,
      remedy: `chmod go= ${shellQuote(path)}`,
    });
  // root may well work with the keys of another user.
  if (user !== 0 && uid !== user)
    problems.push({
      message: `${path} belongs to another user`,
      remedy: `sudo chown ${user} ${shellQuote(path)}`,
    });
  return { name, since: mtime, mode, problems };
}
