import { createHash } from "node:crypto";
import { chmod, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ReynsError } from "../errors.ts";
import { hashFile } from "./receipt.ts";
import type { Release } from "./releases.ts";

interface Replacement {
  /** The executable's place. It may be running: it is renamed over, not written to. */
  readonly file: string;
  readonly target: string;
  readonly release: Release;
  /** The gzipped executable, as it was downloaded. */
  readonly archive: Uint8Array;
}

/**
 * Checks an archive, unpacks it beside its place, tries it out there, and only then puts it in place. Whatever goes
 * wrong before leaves everything as it was.
 *
 * @returns SHA-256 of the executable
 * @throws ReynsError CHECKSUM_MISMATCH, BAD_EXECUTABLE
 */
export async function replaceExecutable(replacement: Replacement): Promise<string> {
  const { file, target, release, archive } = replacement;
  checkSum(release, archive);
  const folder = await mkdtemp(join(dirname(file), ".reyns-upgrade-"));
  try {
    const fresh = join(folder, "reyns");
    await writeFile(fresh, Bun.gunzipSync(Buffer.from(archive))).catch((error: Error) => {
      throw Object.assign(error, { path: dirname(file) });
    });
    await chmod(fresh, 0o755);
    // Its signature was not made on a Mac, and is not valid there.
    if (target === "darwin-x64" && Bun.which("codesign"))
      await outputOf("codesign", "--force", "--sign", "-", fresh);
    await tryOut(fresh, release.version);
    const sha256 = await hashFile(fresh);
    await rename(fresh, file);
    return sha256;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function checkSum({ url, sha256 }: Release, archive: Uint8Array): void {
  const found = createHash("sha256").update(archive).digest("hex");
  if (found === sha256) return;
  throw new ReynsError("CHECKSUM_MISMATCH", `${url} is not what the release says`, {
    hint: "nothing was changed; try again, and report it if it stays so",
    output: [`SHA-256 is   ${found}`, `it should be ${sha256}`],
  });
}

async function tryOut(file: string, version: string): Promise<void> {
  const output = await outputOf(file, "version");
  if (output.trim() === `reyns ${version}`) return;
  throw new ReynsError("BAD_EXECUTABLE", `reyns ${version} does not run on this machine`, {
    hint: "nothing was changed; please report it",
    output: output.trim().split("\n").slice(-5),
  });
}

async function outputOf(...words: string[]): Promise<string> {
  try {
    const child = Bun.spawn(words, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    return stdout + stderr;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
