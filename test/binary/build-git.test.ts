// Builds whose context is a git repository.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must } from "../engine/support/images-container.ts";
import { isDocker2010 } from "./support/engine-version.ts";
import { serveRepository, type GitRepository } from "./support/git-daemon.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

let repository: GitRepository;
let remote: Project;

beforeAll(async () => {
  repository = await serveRepository();
  const dockerfile = "FROM debian:bookworm-slim\nARG WORD\nCOPY . /web\nRUN echo $WORD >/word\n";
  await repository.commit({
    "web.Dockerfile": dockerfile,
    "docker/Dockerfile": dockerfile,
    text: "",
    "docker/text": "inner\n",
  });
  remote = await createProject({
    "reyns.ts": `import { project, service } from "reyns";
project("remote");
service("web", {
  build: { context: "${repository.url}#main", dockerfile: "web.Dockerfile", args: { WORD: "given" } },
  command: ["sleep", "999"],
});
service("inner", { build: "${repository.url}#main:docker" });
service("lost", { build: "${repository.url}#nowhere" });
`,
  });
});
afterAll(async () => {
  await remote?.[Symbol.asyncDispose]();
  await repository?.[Symbol.asyncDispose]();
});

const read = (image: string, ...paths: string[]): Promise<string> =>
  must("docker", "run", "--rm", "--entrypoint", "cat", image, ...paths);

test.each([
  ["BuildKit", "1"],
  ["the classic builder", "0"],
])("%s builds the newest commit of a branch", async (_, builder) => {
  const options = { env: { DOCKER_BUILDKIT: builder } };
  await repository.commit({ text: `first ${builder}\n` });
  await remote.must("build web", options);
  expect(await read("remote/web", "/web/text", "/word")).toBe(`first ${builder}\ngiven`);
  const again = await remote.reyns("build web", options);
  // The clone of the classic builder has a .git, which differs each time.
  expect(again.stderr.includes("✓ remote/web up to date")).toBe(builder === "1");
  await repository.commit({ text: `second ${builder}\n` });
  await remote.must("build web", options);
  expect(await read("remote/web", "/web/text")).toBe(`second ${builder}`);
});

test("a folder of a repository is built, with the classic builder where BuildKit cannot", async () => {
  await remote.must("build inner");
  expect(await read("remote/inner", "/web/text")).toBe("inner");
  if (!(await isDocker2010())) return;
  const refused = await remote.reyns("build inner", { env: { DOCKER_BUILDKIT: "1" } });
  expect(refused.stderr).toContain("BuildKit of Docker 20.10 takes only a whole git repository");
});

test("run builds what is missing from the repository, and starts it", async () => {
  await must("docker", "rmi", "--force", "remote/web");
  await remote.must("run web");
  expect(await remote.must("shell web -- cat /word")).toBe("given");
});

test("a branch that is not there is an error of the build", async () => {
  const { status, stderr } = await remote.reyns("build lost");
  expect(status).toBe(1);
  expect(stderr).toContain("building remote/lost failed");
});
