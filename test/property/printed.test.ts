import { expect, setDefaultTimeout, test } from "bun:test";
import { closeSync, openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../engine/support/images-container.ts";
import { seed } from "../support/seed.ts";

setDefaultTimeout(120_000);

interface Outcome {
  readonly statuses: Readonly<Record<string, number>>;
  readonly found: readonly unknown[];
}

const hostile = "\u001B[2J\u001B]0;x\u0007\u009B8m\u202E\u001B[8m";

const value = JSON.stringify(hostile);
/** What a project may define, and what it may not. */
const definitions = {
  plain: `import { project, service, task } from "reyns";
project("shop");
service("web", { image: "debian:bookworm-slim", env: { A: ${value} }, command: [${value}] });
service("web", { image: "debian:bookworm-slim", instance: "two", links: ["web"] });
task("t", ${value}, async () => { throw new Error(${value}); });
`,
  hostile: `import { service } from "reyns";
service(${value}, { [${value}]: ${value}, links: [${value}] });
throw new Error(${value});
`,
};

/** Makes random calls in a project whose folder and files are as hostile as its Engine. */
async function outcomeOf(count: number): Promise<Outcome> {
  await using folder = await temporaryFolder();
  const top = join(folder.path, `a/${hostile}\nFORGED`);
  for (const [name, definition] of Object.entries(definitions)) {
    const project = join(top, name);
    await mkdir(project, { recursive: true });
    await Bun.write(join(project, "reyns.ts"), definition);
    await Bun.write(join(project, "host.conf"), JSON.stringify({ A: hostile, [hostile]: hostile }));
  }
  await Bun.write(join(top, `hostile/services/${hostile}/Dockerfile`), `FROM ${hostile}\n`);
  const [output, faults] = [join(folder.path, "output"), join(folder.path, "faults.json")];
  // One descriptor for both, so that the two append to one file.
  const descriptor = openSync(output, "a");
  const program = join(import.meta.dir, "support/printed.ts");
  const child = Bun.spawn(
    [process.execPath, program, String(seed), String(count), output, faults],
    {
      cwd: top,
      env: { PATH: process.env["PATH"] ?? "", HOME: folder.path },
      stdin: "ignore",
      stdout: descriptor,
      stderr: descriptor,
    },
  );
  const status = await child.exited;
  closeSync(descriptor);
  const end = (await Bun.file(output).text()).slice(-2000);
  expect({ status, end }).toEqual({ status: 0, end });
  return (await Bun.file(faults).json()) as Outcome;
}

test("no command prints what a terminal would obey, whatever the Engine, the folder and its files contain", async () => {
  const { statuses, found } = await outcomeOf(600);
  expect({ seed, found }).toEqual({ seed, found: [] });
  // Not all refused.
  expect({ seed, calls: statuses[0] }).toEqual({ seed, calls: expect.any(Number) });
});
