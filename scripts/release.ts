// Creates the files of a release: gzipped executables, checksums, the installer, an SBOM, the release notes.
// Usage: bun scripts/release.ts VERSION [--check] [--out=FOLDER] [TARGET…]
import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { writeAssets } from "./assets.ts";
import { compile, main, extensionOf, type Target, targets, parseTargets } from "./build.ts";
import { releaseNotes } from "./release-notes.ts";
import { makeSbom } from "./sbom.ts";

const root = dirname(import.meta.dir);
const usage = "usage: release.sh VERSION [--check] [--out=FOLDER] [TARGET…]";

interface ReleaseOptions {
  readonly version: string;
  readonly targets: readonly Target[];
  readonly folder: string;
  /** Build everything twice and compare. */
  readonly check: boolean;
}

function readArgs(args: readonly string[]): ReleaseOptions {
  const options = args.filter((arg) => arg.startsWith("--"));
  const [version = "", ...named] = args.filter((arg) => !arg.startsWith("--"));
  const unknown = options.filter((option) => option !== "--check" && !option.startsWith("--out="));
  if (unknown.length > 0) throw new Error(`unknown option ${unknown.join(", ")}; ${usage}`);
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version))
    throw new Error(`"${version}" is not a version; ${usage}`);
  // A prerelease may have any version, for trials.
  if (!version.includes("-") && version !== packageJson.version)
    throw new Error(`the version in package.json is ${packageJson.version}, not ${version}`);
  const out = options.find((option) => option.startsWith("--out="))?.slice("--out=".length);
  return {
    version,
    targets: named.length === 0 ? targets : parseTargets(named),
    folder: out ?? join(root, "dist", "release", version),
    check: options.includes("--check"),
  };
}

/**
 * Compiles for one target and compresses the executable.
 *
 * @returns the source files
 */
async function createArchive(folder: string, version: string, target: Target): Promise<string[]> {
  const name = `reyns-${version}-${target}${extensionOf(target)}`;
  const outfile = join(folder, name);
  const sources = await compile({ entry: main, outfile, target, version });
  // Reproducible: writes neither a time nor a name, and the same bytes on every machine.
  const archive = Bun.gzipSync(await Bun.file(outfile).bytes(), {
    library: "libdeflate",
    level: 9,
  });
  await Bun.write(`${outfile}.gz`, archive);
  await rm(outfile);
  return sources;
}

async function hashFiles(folder: string): Promise<string> {
  const names = (await readdir(folder)).toSorted();
  const lines = names.map(async (name) => {
    const bytes = await Bun.file(join(folder, name)).bytes();
    return `${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`;
  });
  return (await Promise.all(lines)).join("");
}

/**
 * Writes all files of a release.
 *
 * @returns their checksums
 */
async function fill(
  folder: string,
  { version, targets: selected }: ReleaseOptions,
): Promise<string> {
  const notes = await releaseNotes(version, selected);
  const sources = new Set<string>();
  for (const target of selected)
    for (const name of await createArchive(folder, version, target)) sources.add(name);
  await copyFile(join(root, "scripts", "install.sh"), join(folder, "install.sh"));
  const sbom = JSON.stringify(await makeSbom(version, sources), undefined, 2);
  await Bun.write(join(folder, `reyns-${version}.cdx.json`), `${sbom}\n`);
  await Bun.write(join(folder, "NOTES.md"), notes);
  const sums = await hashFiles(folder);
  await Bun.write(join(folder, "SHA256SUMS"), sums);
  return sums;
}

/** Writes to a temporary folder first, so that a failure keeps the previous release. */
async function createRelease(options: ReleaseOptions): Promise<string> {
  await mkdir(dirname(options.folder), { recursive: true });
  const draft = await mkdtemp(`${options.folder}.`);
  try {
    const sums = await fill(draft, options);
    await rm(options.folder, { recursive: true, force: true });
    await chmod(draft, 0o755);
    await rename(draft, options.folder);
    return sums;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function release(args: readonly string[]): Promise<void> {
  const options = readArgs(args);
  await writeAssets();
  const first = await createRelease(options);
  if (options.check && (await createRelease(options)) !== first)
    throw new Error(`the second build differs from the first, which was\n${first}`);
  console.log(`${first}${options.folder}${options.check ? ": both builds are identical" : ""}`);
}

await release(process.argv.slice(2)).catch((error: Error) => {
  console.error(`release: ${error.message}`);
  // Messages of the bundler.
  if (error instanceof AggregateError) for (const problem of error.errors) console.error(problem);
  process.exitCode = 1;
});
