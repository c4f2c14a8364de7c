// Compiles src/main.ts to one executable. Usage: bun scripts/build.ts [TARGET|--all]
// Without a target: dist/reyns for this machine. With one, such as linux-arm64-musl: dist/reyns-TARGET.
import { dirname, join, relative, resolve } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { writeAssets } from "./assets.ts";
import { slimDockerode } from "./slim-dockerode.ts";

const root = dirname(import.meta.dir);
/** What executables are made of. */
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

function runGit(...words: string[]): string | undefined {
  const { exitCode, stdout } = Bun.spawnSync(["git", "-C", root, ...words], { stderr: "ignore" });
  return exitCode === 0 ? stdout.toString().trim() : undefined;
}

/** The commit, "-dirty" when the checkout has other changes; "unknown" outside of a repository. */
function describeCommit(): string {
  const commit = runGit("rev-parse", "--short=12", "HEAD");
  if (commit === undefined) return "unknown";
  return runGit("status", "--porcelain") === "" ? commit : `${commit}-dirty`;
}

interface Compiled {
  readonly entry: string;
  readonly outfile: string;
  /** This machine unless given. */
  readonly target?: Target | undefined;
  /** What it calls itself; that of package.json unless given. */
  readonly version?: string;
}

/** Compiles `entry`, says how large it is, and resolves to the files that went into it, named from here. */
export async function compile({ entry, outfile, target, version }: Compiled): Promise<string[]> {
  const started = performance.now();
  const { metafile } = await Bun.build({
    entrypoints: [entry],
    target: "bun",
    format: "esm",
    // Without bytecode the start takes three times as long; ESM bytecode needs `compile`.
    bytecode: true,
    splitting: true,
    minify: { whitespace: true, syntax: true, identifiers: true, keepNames: true },
    metafile: true,
    define: {
      REYNS_VERSION: JSON.stringify(version ?? packageJson.version),
      REYNS_COMMIT: JSON.stringify(describeCommit()),
      // Or the folder of this checkout is written in, and the same sources give other bytes elsewhere.
      __dirname: JSON.stringify("/"),
      __filename: JSON.stringify("/"),
    },
    plugins: [slimDockerode],
    compile: {
      outfile,
      // Only what has run 300,000 times is compiled: see src/lib/jit.ts.
      jitPolicy: 600,
      // What is used stands together: see scripts/bytecode-order.ts.
      bytecodeOrder: join(root, "scripts", "bytecode.order"),
      ...(target && { target: `bun-${target}` }),
      // A user's .env and bunfig.toml must not reach into Reyns; their package.json must, or
      // packages beside reyns.ts do not resolve.
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: true,
    },
  });
  const size = Math.round(Bun.file(outfile).size / 1e6);
  console.log(`${outfile}  ${size} MB  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  // The bundler names them from the folder that it was called in.
  return Object.keys(metafile?.inputs ?? {}).map((name) => relative(root, resolve(name)));
}

function isTarget(word: string): word is Target {
  return targets.some((target) => target === word);
}

/** @throws Error that lists the targets there are */
export function targetsOf(words: readonly string[]): readonly Target[] {
  const unknown = words.filter((word) => !isTarget(word));
  if (unknown.length > 0)
    throw new Error(`unknown target ${unknown.join(", ")}; there are ${targets.join(", ")}`);
  return words.filter(isTarget);
}

/** What an executable for a target ends in. */
export function suffixOf(target: Target): string {
  return target.startsWith("windows") ? ".exe" : "";
}

async function build(words: readonly string[]): Promise<void> {
  const wanted = words.includes("--all") ? targets : targetsOf(words);
  await writeAssets();
  if (wanted.length === 0) await compile({ entry: main, outfile: join(root, "dist", "reyns") });
  for (const target of wanted) {
    const outfile = join(root, "dist", `reyns-${target}${suffixOf(target)}`);
    await compile({ entry: main, outfile, target });
  }
}

if (import.meta.main) await build(process.argv.slice(2));
