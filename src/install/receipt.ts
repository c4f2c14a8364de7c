import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, readFile, realpath, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import * as v from "valibot";
import { ReynsError } from "../errors.ts";

/** What scripts/install.sh writes, one field or list item a line, and reads again. */
const schema = v.object({
  schema: v.literal(1),
  version: v.string(),
  /** As releases name it: `linux-x64-musl`. */
  target: v.string(),
  /** The executable, with its whole path. */
  file: v.string(),
  /** Of the executable. */
  sha256: v.string(),
  baseUrl: v.string(),
  source: v.string(),
  /** Of the archive that it came in. */
  sourceSha256: v.string(),
  installedAt: v.string(),
  installedBy: v.string(),
  /** Those with marked lines. */
  shellFiles: v.array(v.string()),
  /** What `reyns completion` has printed. */
  completionFiles: v.array(v.string()),
});

export type Receipt = v.InferOutput<typeof schema>;

const otherwise = "replace or remove the executable the way it came here";

/** Where the receipt lies: in `XDG_DATA_HOME`, else in `~/.local/share`. */
export function receiptFile(env: NodeJS.ProcessEnv): string {
  const home = env["HOME"] || homedir();
  return join(env["XDG_DATA_HOME"] || join(home, ".local", "share"), "reyns", "receipt.json");
}

/**
 * The receipt of an executable that the installer has put in place, and nobody has changed since.
 *
 * @param executable the one that runs
 * @throws ReynsError NOT_INSTALLED when there is no receipt, or it is that of another file or of other contents
 */
export async function readReceipt(executable: string, env: NodeJS.ProcessEnv): Promise<Receipt> {
  const file = receiptFile(env);
  const receipt = await parseReceipt(file);
  const [named, running] = await Promise.all([resolved(receipt.file), resolved(executable)]);
  if (named !== running) {
    const hint = existsSync(receipt.file)
      ? `call ${receipt.file} instead, or ${otherwise}`
      : otherwise;
    throw notInstalled(
      `the installer has put reyns at ${receipt.file}, but this is ${running}`,
      hint,
    );
  }
  if ((await hashFile(running)) !== receipt.sha256) {
    const message = `${running} is not the file that the installer has put there`;
    throw notInstalled(message, `${otherwise}; or install it anew over it`);
  }
  return receipt;
}

async function parseReceipt(file: string): Promise<Receipt> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined)
    throw notInstalled(`the installer has not installed this: there is no ${file}`, otherwise);
  const { success, output } = v.safeParse(schema, parseJson(text));
  if (success) return output;
  throw notInstalled(`${file} cannot be read`, "install reyns anew over it");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notInstalled(message: string, hint: string): ReynsError {
  return new ReynsError("NOT_INSTALLED", message, { hint });
}

async function resolved(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** SHA-256 of a file, in hexadecimal. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** Replaces the receipt in one step. */
export async function writeReceipt(receipt: Receipt, env: NodeJS.ProcessEnv): Promise<void> {
  const file = receiptFile(env);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(receipt, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** Removes the receipt, and its folder if nothing else is in it. */
export async function removeReceipt(env: NodeJS.ProcessEnv): Promise<void> {
  const file = receiptFile(env);
  await rm(file, { force: true });
  await rmdir(dirname(file)).catch(() => undefined);
}
