import { expect, setDefaultTimeout, test } from "bun:test";
import { isDocker2010 } from "./support/engine-version.ts";
import type { Output } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

/** Perl keeps what it makes: 64 MB in pieces of one. */
const hungry = 'my @all; push @all, "x" x 1e6 for 1 .. 64; $| = 1; print "fed\\n"; sleep 600';

const definition = (memLimit: string): string => `import { project, ready, service } from "reyns";
project("memory");
service("web", {
  image: "debian:bookworm-slim",
  command: ["perl", "-e", ${JSON.stringify(hungry)}],
  ready: ready.log("fed"),
  init: true,
  memLimit: "${memLimit}",
  memswapLimit: "${memLimit}",
});
`;

/** An Engine hears of a container's end and of its memory on two ways, and misses what comes after the end. */
async function runUntilNoticed(project: Project, tries: number): Promise<Output> {
  const run = await project.reyns("run all");
  const isNoticed = run.stderr.includes("because it ran out of memory");
  return isNoticed || tries === 1 ? run : runUntilNoticed(project, tries - 1);
}

test("an instance that runs out of memory is named as such by run and ps, and runs with more", async () => {
  await using project = await createProject({ "reyns.ts": definition("24m") });
  // Newer ones do not always notice it.
  const notices = await isDocker2010();
  const { status, stderr } = await runUntilNoticed(project, notices ? 5 : 1);
  expect(status).toBe(1);
  expect(stderr).toContain("web-one: was killed right after starting");
  expect(stderr).toContain("allow more with memLimit");
  const [instance] = (await project.json("ps")) as { outOfMemory: boolean }[];
  expect(instance).toMatchObject({ state: "exited", exitCode: 137 });
  if (notices) {
    expect(stderr).toContain("because it ran out of memory");
    expect(instance).toMatchObject({ outOfMemory: true });
  }
  await project.write({ "reyns.ts": definition("256m") });
  await project.must("run all");
  expect(await project.json("ps")).toMatchObject([{ state: "running", outOfMemory: false }]);
});
