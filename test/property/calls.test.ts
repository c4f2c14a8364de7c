import { expect, setDefaultTimeout, test } from "bun:test";
import { closeSync, openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../engine/support/images-container.ts";
import { cases } from "../support/random.ts";
import { seed } from "../support/seed.ts";

setDefaultTimeout(120_000);

const conf = `[
  { "service": "web", "instance": "one", "env_vars": { "A": null }, "links": [] }, # a comment
]`;

interface Outcome {
  readonly statuses: Readonly<Record<string, number>>;
  readonly found: readonly unknown[];
}

/** Makes calls with random arguments in a project of its own, without an Engine. */
async function outcomeOf(count: number): Promise<Outcome> {
  await using folder = await temporaryFolder();
  // Deep, in case an argument leads upwards.
  const project = join(folder.path, "a/b/c/shop");
  await mkdir(join(project, "services/web"), { recursive: true });
  await Bun.write(join(project, "services/web/Dockerfile"), "FROM reyns/reyns-base\n");
  await Bun.write(join(project, "default.conf"), conf);
  const [output, faults] = [join(folder.path, "output"), join(folder.path, "faults.json")];
  // One descriptor for both, so that the two append to one file.
  const descriptor = openSync(output, "a");
  const program = join(import.meta.dir, "support/calls.ts");
  const child = Bun.spawn(
    [process.execPath, program, String(seed), String(count), output, faults],
    {
      cwd: project,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: folder.path,
        DOCKER_HOST: "unix:///nowhere/docker.sock",
      },
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

test("a call with random arguments reports its mistakes and exits with a documented status", async () => {
  const { statuses, found } = await outcomeOf(cases(3000));
  expect({ seed, found }).toEqual({ seed, found: [] });
  // Neither all refused nor all let through.
  for (const status of [0, 2, 3])
    expect({ seed, calls: statuses[status] }).toEqual({ seed, calls: expect.any(Number) });
});
