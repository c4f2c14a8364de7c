// `image` with the return value of another service.
import { expect, test } from "bun:test";
import { projectFolder } from "./support/project-folder.ts";

test("a service uses the image of another one, whatever that is, under the project's name", async () => {
  await using project = await projectFolder({
    "services/web/Dockerfile": "FROM reyns/reyns-base\n",
    "app/Dockerfile": "FROM reyns/reyns-base\n",
    "reyns.ts": `import { job, project, service } from "reyns";
project("acme");
const web = service("web");
const app = service("app", { build: "./app" });
const db = service("db", { image: Promise.resolve("postgres:17") });
const a = service("a", { image: web });
service("b", { image: a });
job("c", { image: app, command: ["true"] });
service("d", { image: () => db });
service("e", { image: { service: "reyns-dns", instance: null } });
`,
  });
  const images = async (env = {}): Promise<string[]> =>
    (await project.read(undefined, env)).conf.instances
      .slice(3)
      .map(({ service, image }) => `${service} ${image}`);
  expect(await images()).toEqual([
    "a acme/web",
    "b acme/web",
    "c acme/app",
    "d postgres:17",
    "e reyns/reyns-dns",
  ]);
  expect(await images({ PROJECT_NAME: "other" })).toContain("b other/web");
});

test("a build and the image of another service exclude each other", async () => {
  await using project = await projectFolder({
    "app/Dockerfile": "FROM reyns/reyns-base\n",
    "reyns.ts": `import { service } from "reyns";
const db = service("db", { image: "postgres:17" });
service("web", { image: db, build: "./app" });
`,
  });
  expect(await project.mistakes()).toEqual([
    expect.stringContaining("web has both a build and the image of db"),
  ]);
});
