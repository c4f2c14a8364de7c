// Runs every check that needs no Engine, all at the same time: format, lint, types, dead code, unit tests, shell and Perl
// files. Prints a line for each, and the output of those that fail; exits with status 1 if any does.
import { dirname, join } from "node:path";
import { styleText } from "node:util";
import { writeAssets } from "./assets.ts";

const root = dirname(import.meta.dir);

interface Check {
  readonly name: string;
  readonly command: readonly string[];
  /** Besides what this process has. */
  readonly env?: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly output: string;
}

const bin = (tool: string): string => join(root, "node_modules", ".bin", tool);

/** Lists the files that git tracks or would add. */
function listFiles(): string[] {
  const { stdout } = Bun.spawnSync(["git", "ls-files", "-z", "-co", "--exclude-standard"], {
    cwd: root,
  });
  return stdout.toString().split("\0").filter(Boolean);
}

/** Lists the files of a language, recognized by their name or their first line. */
async function findFiles(extension: string, interpreter: RegExp): Promise<string[]> {
  const names = listFiles();
  const matches = await Promise.all(
    names.map(async (name) => {
      const file = Bun.file(join(root, name));
      if (!(await file.exists())) return false;
      return name.endsWith(extension) || interpreter.test(await file.slice(0, 64).text());
    }),
  );
  return names.filter((_, index) => matches[index]);
}

/** A check by a tool that may not be installed: skipped then, but a failure in CI. */
function checkWith(tool: string, name: string, command: readonly string[]): Check {
  if (Bun.which(tool)) return { name, command };
  console.error(`${tool} is not installed: ${name} are not checked`);
  return { name, command: [process.env["CI"] ? "false" : "true"] };
}

async function shellCheck(): Promise<Check> {
  const files = await findFiles(".sh", /^#!.*[/ ](ba|da|k)?sh\b/);
  return checkWith("shellcheck", "shell files", ["shellcheck", "-x", ...files]);
}

/** `perl -c` takes one file at a time. */
async function perlCheck(): Promise<Check> {
  const files = await findFiles(".pm", /^#!.*[/ ]perl\b/);
  const each = 'my $bad = 0; system($^X, @I, "-wc", $_) and $bad = 1 for @ARGV; exit $bad';
  const folders = ["common", "dns"].map((image) => `"-Iimages/${image}/files/usr/lib/reyns"`);
  const script = `my @I = (${folders.join(", ")}); ${each}`;
  return checkWith("perl", "Perl files", ["perl", "-e", script, ...files]);
}

async function run({ name, command, env }: Check): Promise<Outcome> {
  const started = performance.now();
  const child = Bun.spawn([...command], {
    cwd: root,
    env: { ...process.env, ...env },
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
  const checks: Check[] = [
    { name: "format", command: [bin("oxfmt"), "--check"] },
    { name: "lint", command: [bin("oxlint"), "--type-aware"] },
    { name: "imports", command: [process.execPath, "scripts/import-table.ts"] },
    { name: "types", command: [bin("tsc"), "--noEmit"] },
    { name: "dead code", command: [bin("knip"), "--no-progress"] },
    // A test asserts no time; five seconds, the default, may be too few on a machine that is busy with all of these.
    {
      name: "unit tests",
      // Several at a time, as some wait for what does not answer.
      command: [
        process.execPath,
        "test",
        "--parallel=4",
        "--only-failures",
        "--timeout=60000",
        "test/unit",
      ],
      // The assets are written already.
      env: { REYNS_BUILT: "1" },
    },
    await shellCheck(),
    await perlCheck(),
  ];
  const outcomes = await Promise.all(
    checks.map(async (item) => {
      const outcome = await run(item);
      report(outcome);
      return outcome;
    }),
  );
  return outcomes.every((outcome) => outcome.ok);
}

process.exitCode = (await check()) ? 0 : 1;
