// Compiles src/main.ts to one executable. Usage: bun scripts/build.ts [TARGET|--all]
// Without a target: dist/reyns for this machine. With one, such as linux-arm64-musl: dist/reyns-TARGET.
import { dirname, join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { writeAssets } from "./assets.ts";
import { slimDockerode } from "./slim-dockerode.ts";

const root = dirname(import.meta.dir);
const targets = [
  "linux-x64",
  "linux-arm64",
  "linux-x64-musl",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
  "windows-x64",
] as const;
type Target = (typeof targets)[number];

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

/** Compiles `entry`; what it prints at the end is the path and size of the executable. */
export async function compile(
  entry: string,
  outfile: string,
  target: Target | undefined,
): Promise<void> {
  const started = performance.now();
  await Bun.build({
    entrypoints: [entry],
    target: "bun",
    format: "esm",
    // Without bytecode the start takes three times as long; ESM bytecode needs `compile`.
    bytecode: true,
    splitting: true,
    minify: { whitespace: true, syntax: true, identifiers: true, keepNames: true },
    define: {
      REYNS_VERSION: JSON.stringify(packageJson.version),
      REYNS_COMMIT: JSON.stringify(describeCommit()),
      // Or the folder of this checkout is written in, and the same sources give other bytes elsewhere.
      __dirname: JSON.stringify("/"),
      __filename: JSON.stringify("/"),
    },
    plugins: [slimDockerode],
    compile: {
      outfile,
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
}

function isTarget(word: string): word is Target {
  return targets.some((target) => target === word);
}

async function build(words: readonly string[]): Promise<void> {
  const wanted = words.includes("--all") ? targets : words;
  const unknown = wanted.filter((word) => !isTarget(word));
  if (unknown.length > 0)
    throw new Error(`unknown target ${unknown.join(", ")}; there are ${targets.join(", ")}`);
  const entry = join(root, "src", "main.ts");
  await writeAssets();
  if (wanted.length === 0) return compile(entry, join(root, "dist", "reyns"), undefined);
  for (const target of wanted.filter(isTarget)) {
    const suffix = target.startsWith("windows") ? ".exe" : "";
    await compile(entry, join(root, "dist", `reyns-${target}${suffix}`), target);
  }
}

if (import.meta.main) await build(process.argv.slice(2));
