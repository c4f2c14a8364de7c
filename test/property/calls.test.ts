import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../engine/support/images-container.ts";
import { seed } from "../support/seed.ts";

setDefaultTimeout(120_000);

const conf = `[
  { "service": "web", "instance": "one", "env_vars": { "A": null }, "links": [] }, # a comment
]`;

interface Outcome {
  readonly statuses: Readonly<Record<string, number>>;
  readonly found: readonly unknown[];
}

/** Calls of random words in a project of its own, where no Engine answers. */
async function outcomeOf(count: number): Promise<Outcome> {
  await using folder = await temporaryFolder();
  // Deep, in case that a word leads upwards.
  const project = join(folder.path, "a/b/c/shop");
  await mkdir(join(project, "services/web"), { recursive: true });
  await Bun.write(join(project, "services/web/Dockerfile"), "FROM reyns/reyns-base\n");
  await Bun.write(join(project, "default.conf"), conf);
  const [stdout, faults] = [join(folder.path, "stdout"), join(folder.path, "faults.json")];
  const program = join(import.meta.dir, "support/calls.ts");
  const child = Bun.spawn(
    [process.execPath, program, String(seed), String(count), stdout, faults],
    {
      cwd: project,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: folder.path,
        DOCKER_HOST: "unix:///nowhere/docker.sock",
      },
      stdin: "ignore",
      stdout: Bun.file(stdout),
      stderr: "pipe",
    },
  );
  const [stderr, status] = await Promise.all([child.stderr.text(), child.exited]);
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return (await Bun.file(faults).json()) as Outcome;
}

test("whatever words it is called with, it says what is wrong and ends with a status of its own", async () => {
  const { statuses, found } = await outcomeOf(3000);
  expect({ seed, found }).toEqual({ seed, found: [] });
  // Neither all refused nor all let through.
  for (const status of [0, 2, 3])
    expect({ seed, calls: statuses[status] }).toEqual({ seed, calls: expect.any(Number) });
});
