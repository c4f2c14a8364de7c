import { createHash } from "node:crypto";
import { chmod, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf, ReynsError } from "../errors.ts";
import { hashFile } from "./receipt.ts";
import type { Release } from "./releases.ts";

interface Replacement {
  /** Path of the executable. It may be running, so it is replaced by a rename. */
  readonly file: string;
  readonly target: string;
  readonly release: Release;
  /** The gzipped executable as downloaded. */
  readonly archive: Uint8Array;
}

/**
 * Verifies an archive, unpacks it beside the executable, runs it once, and then replaces the executable. Changes nothing
 * if a step fails.
 *
 * @returns SHA-256 of the executable
 * @throws ReynsError CHECKSUM_MISMATCH, BAD_EXECUTABLE
 */
export async function replaceExecutable(replacement: Replacement): Promise<string> {
  const { file, target, release, archive } = replacement;
  verifyChecksum(release, archive);
  const folder = await mkdtemp(join(dirname(file), ".reyns-upgrade-"));
  try {
    const unpacked = join(folder, "reyns");
    await writeFile(unpacked, Bun.gunzipSync(Buffer.from(archive))).catch((error: Error) => {
      throw Object.assign(error, { path: dirname(file) });
    });
    await chmod(unpacked, 0o755);
    // Releases are not built on a Mac, so this one has no valid signature.
    if (target === "darwin-x64" && Bun.which("codesign"))
      await outputOf("codesign", "--force", "--sign", "-", unpacked);
    await tryRun(unpacked, release.version);
    const sha256 = await hashFile(unpacked);
    await rename(unpacked, file);
    return sha256;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function verifyChecksum({ url, sha256 }: Release, archive: Uint8Array): void {
  const actual = createHash("sha256").update(archive).digest("hex");
  if (actual === sha256) return;
  throw new ReynsError("CHECKSUM_MISMATCH", `${url} does not match the checksum of its release`, {
    hint: "nothing was changed; try again, and report it if it happens again",
    output: [`SHA-256  ${actual}`, `expected ${sha256}`],
  });
}

async function tryRun(file: string, version: string): Promise<void> {
  const output = await outputOf(file, "version");
  if (output.trim() === `reyns ${version}`) return;
  throw new ReynsError("BAD_EXECUTABLE", `reyns ${version} does not run on this machine`, {
    hint: "nothing was changed; please report it",
    output: output.trim().split("\n").slice(-5),
  });
}

async function outputOf(...command: string[]): Promise<string> {
  try {
    const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    return stdout + stderr;
  } catch (error) {
    return messageOf(error);
  }
}
