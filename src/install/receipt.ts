import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, readFile, realpath, rm, rmdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import * as v from "valibot";
import { ReynsError } from "../errors.ts";
import { parseJson } from "../lib/parse-json.ts";
import { writeFileAtomic } from "../lib/write-file-atomic.ts";

/** The format of scripts/install.sh, which writes and reads one field or list item per line. */
const schema = v.object({
  schema: v.literal(1),
  version: v.string(),
  /** As in the file names of a release: `linux-x64-musl`. */
  target: v.string(),
  /** Absolute path of the executable. */
  file: v.string(),
  /** Of the executable. */
  sha256: v.string(),
  baseUrl: v.string(),
  source: v.string(),
  /** Of the downloaded archive. */
  sourceSha256: v.string(),
  installedAt: v.string(),
  installedBy: v.string(),
  /** The shells' startup files that contain marked lines. */
  shellFiles: v.array(v.string()),
  /** Files written from the output of `reyns completion`. */
  completionFiles: v.array(v.string()),
});

export type Receipt = v.InferOutput<typeof schema>;

const otherWay = "upgrade or remove it the way you installed it";

/** `XDG_DATA_HOME/reyns`, by default in `~/.local/share`. */
export function userDataFolder(env: NodeJS.ProcessEnv): string {
  const home = env["HOME"] || homedir();
  return join(env["XDG_DATA_HOME"] || join(home, ".local", "share"), "reyns");
}

export function receiptFile(env: NodeJS.ProcessEnv): string {
  return join(userDataFolder(env), "receipt.json");
}

/**
 * Reads the receipt of an executable that the installer installed and that has not changed since.
 *
 * @param executable the running one
 * @throws ReynsError NOT_INSTALLED when there is no receipt, or it belongs to another file or other content
 */
export async function readReceipt(executable: string, env: NodeJS.ProcessEnv): Promise<Receipt> {
  const file = receiptFile(env);
  const receipt = await parseReceipt(file);
  const [installed, running] = await Promise.all([resolved(receipt.file), resolved(executable)]);
  if (installed !== running) {
    const hint = existsSync(receipt.file)
      ? `run ${receipt.file} instead, or ${otherWay}`
      : otherWay;
    throw notInstalled(`install.sh installed ${receipt.file}, but this is ${running}`, hint);
  }
  if ((await hashFile(running)) !== receipt.sha256) {
    const message = `${running} has changed since install.sh installed it`;
    throw notInstalled(message, `run install.sh again, or ${otherWay}`);
  }
  return receipt;
}

async function parseReceipt(file: string): Promise<Receipt> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined)
    throw notInstalled(
      `this reyns was not installed by install.sh: there is no receipt at ${file}`,
      otherWay,
    );
  const { success, output } = v.safeParse(schema, parseJson(text));
  if (success) return output;
  throw notInstalled(`invalid receipt: ${file}`, "run install.sh again");
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

export async function writeReceipt(receipt: Receipt, env: NodeJS.ProcessEnv): Promise<void> {
  const file = receiptFile(env);
  await mkdir(dirname(file), { recursive: true });
  writeFileAtomic(file, `${JSON.stringify(receipt, undefined, 2)}\n`);
}

/** Removes the receipt, and its folder if it is empty then. */
export async function removeReceipt(env: NodeJS.ProcessEnv): Promise<void> {
  const file = receiptFile(env);
  await rm(file, { force: true });
  await rmdir(dirname(file)).catch(() => undefined);
}
