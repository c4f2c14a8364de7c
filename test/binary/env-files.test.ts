import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

let shop: Project;

beforeAll(async () => {
  await importSmallImage();
  shop = await createProject({
    "web.env":
      'DB_USER=u # comment\nURL=postgres://${DB_USER}@db/x\nCOLOR=#FF0000\nJ="{\\"a\\":1}"\nGIVEN\n',
    "reyns.ts": `import { project, required, service } from "reyns";
project("envfiles");
service("a", { image: "${smallImage}", instance: "one", envFile: "web.env", env: { ASKED: required() }, stopSignal: "SIGKILL",
  persistentData: true });
`,
  });
  await must("git", "init", "--quiet", shop.folder);
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

test("a container gets the variables of an env file, and those of the caller", async () => {
  await shop.must("run all yes", { env: { GIVEN: "by caller", ASKED: "x", COLOR: "blue" } });
  const [id = ""] = await containerIds(shop.folder, "one");
  const { Config } = (
    JSON.parse(await must("docker", "inspect", id)) as [{ Config: { Env: string[] } }]
  )[0];
  expect(Config.Env).toEqual(
    expect.arrayContaining([
      "DB_USER=u",
      "URL=postgres://u@db/x",
      "COLOR=#FF0000",
      'J={"a":1}',
      "GIVEN=by caller",
    ]),
  );
});

test("in a git repository, the data folder is ignored from the first run on", async () => {
  expect(await Bun.file(join(shop.folder, ".gitignore")).text()).toBe("data_envfiles/\n");
  await shop.write({ ".gitignore": "" });
  const { stderr } = await shop.reyns("rerun a yes", { env: { ASKED: "x" } });
  expect(stderr).not.toContain(".gitignore");
  expect(await Bun.file(join(shop.folder, ".gitignore")).text()).toBe("");
});

test("a required variable of an env file is checked without an Engine", async () => {
  await shop.write({ "web.env": "A=1\nB=${hunter2:?set it first}\nC=${\n" });
  const { status, stderr } = await shop.reyns("check");
  expect(stderr).toContain("web.env:2: the variable hunter2 has no value: set it first");
  expect(stderr).toContain("web.env:3: invalid variable after a dollar sign");
  expect(status).toBe(2);
});
