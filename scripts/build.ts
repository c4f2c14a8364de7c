// Compiles src/main.ts to one executable. Usage: bun scripts/build.ts [TARGET|--all]
// Without a target: dist/reyns for this machine. With one, such as linux-arm64-musl: dist/reyns-TARGET.
import { dirname, join, relative, resolve } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { writeAssets } from "./assets.ts";
import { embedSource } from "./embed-source.ts";
import { slimLibraries } from "./slim-libraries.ts";

const root = dirname(import.meta.dir);
/** The entry point of the executable. */
export const main = join(root, "src", "main.ts");

export const targets = [
  "linux-x64",
  "linux-arm64",
  "linux-x64-musl",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
  "windows-x64",
] as const;
export type Target = (typeof targets)[number];

function runGit(...args: string[]): string | undefined {
  const { exitCode, stdout } = Bun.spawnSync(["git", "-C", root, ...args], { stderr: "ignore" });
  return exitCode === 0 ? stdout.toString().trim() : undefined;
}

/** The commit, with "-dirty" if the checkout has uncommitted changes; "unknown" outside a repository. */
function describeCommit(): string {
  const commit = runGit("rev-parse", "--short=12", "HEAD");
  if (commit === undefined) return "unknown";
  return runGit("status", "--porcelain") === "" ? commit : `${commit}-dirty`;
}

interface CompileOptions {
  readonly entry: string;
  readonly outfile: string;
  /** This machine if undefined. */
  readonly target?: Target | undefined;
  /** That of package.json if undefined. */
  readonly version?: string;
}

/**
 * Compiles `entry` to an executable and prints its size.
 *
 * @returns the source files it was built from, relative to the repository
 */
export async function compile({
  entry,
  outfile,
  target,
  version,
}: CompileOptions): Promise<string[]> {
  const started = performance.now();
  const embedded = await embedSource();
  const { metafile } = await Bun.build({
    entrypoints: [entry],
    target: "bun",
    format: "esm",
    // Divides the start time by three. Bytecode of ES modules requires `compile`.
    bytecode: true,
    splitting: true,
    minify: { whitespace: true, syntax: true, identifiers: true, keepNames: true },
    metafile: true,
    define: {
      REYNS_VERSION: JSON.stringify(version ?? packageJson.version),
      REYNS_COMMIT: JSON.stringify(describeCommit()),
      // Otherwise Bun inserts the path of this checkout, and builds are not reproducible.
      __dirname: JSON.stringify("/"),
      __filename: JSON.stringify("/"),
    },
    plugins: [slimLibraries, embedded.plugin],
    compile: {
      outfile,
      // A command calls most of its functions a few times: compiling these takes a third of a run that has nothing to do.
      jitPolicy: 30,
      ...(target && { target: `bun-${target}` }),
      // Reyns must not read a user's .env and bunfig.toml. It must read their package.json to resolve packages
      // that reyns.ts imports.
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: true,
    },
  });
  const size = Math.round(Bun.file(outfile).size / 1e6);
  console.log(`${outfile}  ${size} MB  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  // The bundler names them relative to the working directory.
  const inputs = [...Object.keys(metafile?.inputs ?? {}), ...embedded.inputs];
  return inputs.map((name) => relative(root, resolve(name)));
}

function isTarget(arg: string): arg is Target {
  return targets.some((target) => target === arg);
}

/** @throws Error that lists the supported targets */
export function parseTargets(args: readonly string[]): readonly Target[] {
  const unknown = args.filter((arg) => !isTarget(arg));
  if (unknown.length > 0)
    throw new Error(`unknown target ${unknown.join(", ")}; accepted: ${targets.join(", ")}`);
  return args.filter(isTarget);
}

/** The file name extension of a target's executable. */
export function extensionOf(target: Target): string {
  return target.startsWith("windows") ? ".exe" : "";
}

async function build(args: readonly string[]): Promise<void> {
  const selected = args.includes("--all") ? targets : parseTargets(args);
  await writeAssets();
  if (selected.length === 0) await compile({ entry: main, outfile: join(root, "dist", "reyns") });
  for (const target of selected) {
    const outfile = join(root, "dist", `reyns-${target}${extensionOf(target)}`);
    await compile({ entry: main, outfile, target });
  }
}

if (import.meta.main) await build(process.argv.slice(2));
