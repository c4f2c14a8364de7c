import { expect, test } from "bun:test";
import { join } from "node:path";
import { createProject, projectIn, type Files, type Project } from "./support/project.ts";

/** A folder that is no project, with files in it. */
const folderWith = (files: Files): Promise<Project> => createProject(files, { offline: true });

async function filesIn({ folder }: Project): Promise<string[]> {
  const glob = new Bun.Glob("**/*");
  return (await Array.fromAsync(glob.scan({ cwd: folder, dot: true }))).toSorted();
}

const textIn = ({ folder }: Project, file: string): Promise<string> =>
  Bun.file(join(folder, file)).text();

test("create . adds a project to the files of a folder, and overwrites none of them", async () => {
  const files = {
    "My App/README.md": "mine\n",
    "My App/.gitignore": "/dist\n",
    "My App/tsconfig.json": "{}\n",
    "My App/compose.yaml": "services: {}\n",
    "My App/src/app.js": "",
  };
  await using outer = await folderWith(files);
  const project = projectIn(join(outer.folder, "My App"), { offline: true });
  const { status, stdout, stderr } = await project.reyns("create . template=minimal");
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toStartWith(
    'Created the project "my-app" from the template minimal.\nNext steps, from its README.md:\n',
  );
  expect(stderr).toContain("added to .gitignore: /host.conf, data_*/, *-keys.json");
  expect(stderr).toContain("compose.yaml stays as it is");
  expect(stderr).toContain("tsconfig.json stays as it is");
  const kept = Object.entries(files).filter(([name]) => !name.endsWith(".gitignore"));
  for (const [name, text] of kept) expect(await textIn(outer, name)).toBe(text);
  expect(await textIn(outer, "My App/.gitignore")).toStartWith("/dist\n/host.conf\n");
  expect(await textIn(outer, "My App/reyns.ts")).toContain('project("my-app")');
  expect((await project.reyns("check")).status).toBe(0);
});

test("files in the way are all named, and nothing is written", async () => {
  const files = { "reyns.ts": "// mine\n", "services/hello/Dockerfile": "FROM mine\n" };
  await using project = await folderWith(files);
  const { status, stderr } = await project.reyns("create . template=minimal");
  expect(stderr).toContain("reyns.ts, services/hello/Dockerfile");
  expect(status).toBe(1);
  expect(await filesIn(project)).toEqual(Object.keys(files));
});

test("a folder with confs is a project already", async () => {
  await using project = await folderWith({ "default.conf": "[]\n" });
  const { status, stderr } = await project.reyns("create . template=minimal");
  expect(stderr).toContain("reyns convert");
  expect(status).toBe(1);
  expect(await filesIn(project)).toEqual(["default.conf"]);
});

test("create . twice writes nothing the second time", async () => {
  await using project = await folderWith({});
  await project.must("create . template=minimal");
  const before = await filesIn(project);
  expect(JSON.parse(await project.must("create . template=minimal json"))).toMatchObject({
    folder: project.folder,
    written: [],
  });
  expect(await filesIn(project)).toEqual(before);
});

test("create SERVICE, which is Compose's, makes no project of that name", async () => {
  await using project = await folderWith({ "compose.yaml": "services:\n  web: { image: web }\n" });
  const before = await filesIn(project);
  const { status, stderr } = await project.reyns("create web");
  expect(stderr).toContain("to start the service: reyns run web");
  expect(status).toBe(2);
  expect(await filesIn(project)).toEqual(before);
});

test("a new project inside another one is said to be nested", async () => {
  await using project = await folderWith({ "reyns.ts": "export {};\n" });
  const { status, stderr } = await project.reyns("create inner template=minimal");
  expect(stderr).toContain(`is inside another project: ${project.folder}`);
  expect(status).toBe(0);
});

test("a reyns.ts beside a Compose file takes its place without a word", async () => {
  await using project = await folderWith({ "docker-compose.yml": "services: {}\n" });
  const { status, stderr } = await project.reyns("create . template=minimal");
  expect(stderr).toContain("docker-compose.yml stays as it is, and reyns.ts takes its place");
  expect(status).toBe(0);
});
