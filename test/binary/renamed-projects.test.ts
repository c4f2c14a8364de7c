// A folder may have instances of several projects: of a former name, or with PROJECT_NAME.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

/** A project of one instance, with a path in its file, and its name in another file. */
function createWith(name: string): Promise<Project> {
  return createProject({
    "name.ts": `export const name = ${JSON.stringify(name)};\n`,
    "reyns.ts": `import { project, ready, service } from "reyns";
import { name } from "./name.ts";
project(name);
service("a", { image: ${JSON.stringify(smallImage)}, volumes: ["./d:/d"], init: true, ready: ready.started() });
`,
  });
}

const other = { env: { PROJECT_NAME: "other" } };

test("ps, stop and clean are about the project of this name alone", async () => {
  await using folder = await createWith("mine");
  await folder.must("run all");
  await folder.must("run all", other);
  const states = async (options = {}): Promise<unknown> => {
    const all = JSON.parse(await folder.must("ps json", options)) as { state: string }[];
    return all.map(({ state }) => state);
  };
  expect([await states(), await states(other)]).toEqual([["running"], ["running"]]);
  await folder.must("clean all force");
  expect([await states(), await states(other)]).toEqual([[], ["running"]]);
  expect((await folder.reyns("clean all force")).stderr).toBe(
    'this folder also runs the project "other": reyns -p other ps\nnothing to clean\n',
  );
  await folder.must("clean all force", other);
});

test("rollback and info show the versions of the project of this name alone", async () => {
  await using folder = await createWith("mine");
  await folder.must("run all");
  await folder.must("run all", other);
  expect(await folder.reyns("rollback a", other)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("a-one has no earlier version to go back to"),
  });
  await folder.must("clean all force", other);
  expect(await folder.json("info a")).toMatchObject({ versions: [{ version: 1 }] });
});

test("instances of a project's former name are noticed", async () => {
  await using folder = await createWith("former");
  await folder.must("run all");
  await folder.write({ "name.ts": 'export const name = "renamed";\n' });
  const warning =
    '"renamed" is a new project, with volumes and data of its own; "former" still has containers here';
  for (const line of ["plan", "run all"])
    expect((await folder.reyns(line)).stderr).toContain(warning);
  expect(await folder.reyns("ps")).toMatchObject({
    stdout: expect.stringMatching(/^SERVICE.*\na +one .*\n$/),
    stderr: 'this folder also runs the project "former": reyns -p former ps\n',
  });
  await folder.must("clean all force", { env: { PROJECT_NAME: "former" } });
});
