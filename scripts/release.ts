// Makes the files of a release: gzipped executables, their sums, the installer, an SBOM, the notes.
// Usage: bun scripts/release.ts VERSION [--check] [--out=FOLDER] [TARGET…]
import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { writeAssets } from "./assets.ts";
import { compile, main, suffixOf, type Target, targets, targetsOf } from "./build.ts";
import { releaseNotes } from "./release-notes.ts";
import { makeSbom } from "./sbom.ts";

const root = dirname(import.meta.dir);
const usage = "usage: release.sh VERSION [--check] [--out=FOLDER] [TARGET…]";

interface Wanted {
  readonly version: string;
  readonly targets: readonly Target[];
  readonly folder: string;
  /** Whether to make everything twice. */
  readonly check: boolean;
}

function readWords(words: readonly string[]): Wanted {
  const options = words.filter((word) => word.startsWith("--"));
  const [version = "", ...named] = words.filter((word) => !word.startsWith("--"));
  const unknown = options.filter((word) => word !== "--check" && !word.startsWith("--out="));
  if (unknown.length > 0) throw new Error(`unknown ${unknown.join(", ")}; ${usage}`);
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version))
    throw new Error(`"${version}" is not a version; ${usage}`);
  // A prerelease may be made of anything, to try it out.
  if (!version.includes("-") && version !== packageJson.version)
    throw new Error(`package.json says ${packageJson.version}, not ${version}`);
  const out = options.find((word) => word.startsWith("--out="))?.slice("--out=".length);
  return {
    version,
    targets: named.length === 0 ? targets : targetsOf(named),
    folder: out ?? join(root, "dist", "release", version),
    check: options.includes("--check"),
  };
}

/** Compiles for one target into a gzip file; resolves to the names of the sources. */
async function makeArchive(folder: string, version: string, target: Target): Promise<string[]> {
  const name = `reyns-${version}-${target}${suffixOf(target)}`;
  const outfile = join(folder, name);
  const sources = await compile({ entry: main, outfile, target, version });
  // Bun's own, which writes neither a time nor a name, and the same bytes on every machine.
  const archive = Bun.gzipSync(await Bun.file(outfile).bytes(), {
    library: "libdeflate",
    level: 9,
  });
  await Bun.write(`${outfile}.gz`, archive);
  await rm(outfile);
  return sources;
}

async function sumsOf(folder: string): Promise<string> {
  const names = (await readdir(folder)).toSorted();
  const lines = names.map(async (name) => {
    const bytes = await Bun.file(join(folder, name)).bytes();
    return `${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`;
  });
  return (await Promise.all(lines)).join("");
}

/** Writes all files of a release; resolves to their sums. */
async function fill(folder: string, { version, targets: wanted }: Wanted): Promise<string> {
  const notes = await releaseNotes(version, wanted);
  const sources = new Set<string>();
  for (const target of wanted)
    for (const name of await makeArchive(folder, version, target)) sources.add(name);
  await copyFile(join(root, "scripts", "install.sh"), join(folder, "install.sh"));
  const sbom = JSON.stringify(await makeSbom(version, sources), undefined, 2);
  await Bun.write(join(folder, `reyns-${version}.cdx.json`), `${sbom}\n`);
  await Bun.write(join(folder, "NOTES.md"), notes);
  const sums = await sumsOf(folder);
  await Bun.write(join(folder, "SHA256SUMS"), sums);
  return sums;
}

/** Beside its place: a release that fails half-way leaves what was there. */
async function makeRelease(wanted: Wanted): Promise<string> {
  await mkdir(dirname(wanted.folder), { recursive: true });
  const draft = await mkdtemp(`${wanted.folder}.`);
  try {
    const sums = await fill(draft, wanted);
    await rm(wanted.folder, { recursive: true, force: true });
    await chmod(draft, 0o755);
    await rename(draft, wanted.folder);
    return sums;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function release(words: readonly string[]): Promise<void> {
  const wanted = readWords(words);
  await writeAssets();
  const first = await makeRelease(wanted);
  if (wanted.check && (await makeRelease(wanted)) !== first)
    throw new Error(`the second time gives other bytes; the first gave\n${first}`);
  console.log(`${first}${wanted.folder}${wanted.check ? ": the same bytes twice" : ""}`);
}

await release(process.argv.slice(2)).catch((error: Error) => {
  console.error(`release: ${error.message}`);
  // What the bundler has to say.
  if (error instanceof AggregateError) for (const one of error.errors) console.error(one);
  process.exitCode = 1;
});
