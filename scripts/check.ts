// Runs every check that needs no Engine, all at the same time: format, lint, types, dead code, unit
// tests, shell files. One line each; the output of those that fail; status 1 if any does.
import { dirname, join } from "node:path";
import { styleText } from "node:util";
import { writeAssets } from "./assets.ts";

const root = dirname(import.meta.dir);

interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly output: string;
}

const bin = (tool: string): string => join(root, "node_modules", ".bin", tool);

/** Names of the files that git knows or would add. */
function listFiles(): string[] {
  const { stdout } = Bun.spawnSync(["git", "ls-files", "-z", "-co", "--exclude-standard"], {
    cwd: root,
  });
  return stdout.toString().split("\0").filter(Boolean);
}

/** True for files that shellcheck understands, by their name or their first line. */
async function isShellFile(name: string): Promise<boolean> {
  const file = Bun.file(join(root, name));
  if (!(await file.exists())) return false;
  if (name.endsWith(".sh")) return true;
  const start = await file.slice(0, 64).text();
  return /^#!.*[/ ](ba|da|k)?sh\b/.test(start);
}

async function shellCheck(): Promise<Check | undefined> {
  const names = listFiles();
  const shell = await Promise.all(names.map(isShellFile));
  const files = names.filter((_, index) => shell[index]);
  if (files.length === 0) return undefined;
  if (Bun.which("shellcheck"))
    return { name: "shell files", command: ["shellcheck", "-x", ...files] };
  console.error(`shellcheck is not installed: ${files.length} shell files are not checked`);
  return process.env["CI"] ? { name: "shell files", command: ["false"] } : undefined;
}

async function run({ name, command }: Check): Promise<Outcome> {
  const started = performance.now();
  const child = Bun.spawn([...command], {
    cwd: root,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, status] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  const seconds = (performance.now() - started) / 1000;
  return { name, ok: status === 0, seconds, output: (out + err).trim() };
}

function report({ name, ok, seconds, output }: Outcome): void {
  const mark = ok ? styleText("green", "ok  ") : styleText("red", "FAIL");
  console.log(`${mark} ${name.padEnd(12)} ${seconds.toFixed(1).padStart(5)} s`);
  if (!ok) console.log(output.replaceAll(/^/gm, "     "));
}

async function check(): Promise<boolean> {
  await writeAssets();
  const checks: (Check | undefined)[] = [
    { name: "format", command: [bin("oxfmt"), "--check"] },
    { name: "lint", command: [bin("oxlint"), "--type-aware"] },
    { name: "types", command: [bin("tsc"), "--noEmit"] },
    { name: "dead code", command: [bin("knip"), "--no-progress"] },
    { name: "unit tests", command: [process.execPath, "test", "--only-failures", "test/unit"] },
    await shellCheck(),
  ];
  const wanted = checks.filter((one) => one !== undefined);
  const outcomes = await Promise.all(
    wanted.map(async (one) => {
      const outcome = await run(one);
      report(outcome);
      return outcome;
    }),
  );
  return outcomes.every((outcome) => outcome.ok);
}

process.exitCode = (await check()) ? 0 : 1;
