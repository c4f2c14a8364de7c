import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { must, run, until } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { call } from "./support/reyns.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

let forge: Project;

/** Seconds that no other process of this machine sleeps. */
const nap = 100_000 + process.pid;

beforeAll(async () => {
  await importSmallImage();
  forge = await createProject({
    "services/stages/Dockerfile": `FROM ${smallImage} AS first
ARG WORD=none
COPY . /copied/
RUN echo "$WORD" > /word; echo said it
FROM first AS second
RUN touch /second
FROM second
RUN touch /third
`,
    "services/stages/.dockerignore": "secret\n",
    "services/stages/secret": "no\n",
    "services/stages/plain": "yes\n",
    "services/broken/Dockerfile": `FROM ${smallImage}
ARG STATUS=7
RUN echo before
RUN echo one >&2; \\
  echo two >&2; exit $STATUS
RUN echo never
`,
    "services/misspelt/Dockerfile": `FROM ${smallImage}\n\nRUNN true\n`,
    "services/napping/Dockerfile": `FROM ${smallImage}\nRUN echo asleep; sleep ${nap}\n`,
    "services/modern/Dockerfile": `FROM ${smallImage}
COPY --chmod=700 tool /tool
RUN --mount=type=cache,target=/kept touch /kept/it && /tool
`,
    "services/modern/tool": "echo the tool runs\n",
    "reyns.ts": `import { project, service } from "reyns";
project("forge");
service("stages", { build: { context: "services/stages", args: { WORD: "given" }, target: "second" } });
`,
  });
}, 300_000);

afterAll(() => forge?.[Symbol.asyncDispose]());

const inspect = (image: string, format: string): Promise<string> =>
  must("docker", "image", "inspect", "--format", format, image);

const napping = async (): Promise<boolean> => {
  const { stdout } = await run(["ps", "-eo", "args"]);
  return stdout.split("\n").includes(`sleep ${nap}`);
};

describe.each([
  ["BuildKit", "", "[second 1/1] RUN touch /second"],
  ["the classic builder", "0", "RUN touch /second"],
])("%s", (builder, DOCKER_BUILDKIT, instruction) => {
  const options = { env: { DOCKER_BUILDKIT } };
  const build = (line: string) => forge.reyns(`build ${line}`, options);

  test("builds the target with arguments and labels, without what .dockerignore names", async () => {
    const { stdout, stderr } = await build("stages cache=False verbose=True");
    expect(stdout).toBe("forge/stages is built\n");
    expect(stderr).toContain(instruction);
    expect(stderr).toContain("forge/stages | said it");
    expect(stderr).not.toContain("/third");
    const words = "cat /word; test ! -e /copied/secret && cat /copied/plain";
    const said = await must("docker", "run", "--rm", "forge/stages", "sh", "-c", words);
    expect(said).toBe("given\nyes");
    expect(await inspect("forge/stages", '{{index .Config.Labels "io.reyns.folder"}}')).toBe(
      forge.folder,
    );
  });

  test("finds nothing new a second time, unless a file has changed", async () => {
    await build("stages");
    const before = await inspect("forge/stages", "{{.Id}}");
    expect((await build("stages")).stderr).toMatch(/^✓ forge\/stages up to date {2}/m);
    expect(await inspect("forge/stages", "{{.Id}}")).toBe(before);
    await forge.write({ "services/stages/plain": `yes\n${builder}` });
    expect((await build("stages")).stderr).toContain("✓ forge/stages built");
    expect(await inspect("forge/stages", "{{.Id}}")).not.toBe(before);
    await forge.write({ "services/stages/plain": "yes\n" });
  });

  test("names the instruction that fails, its line, its output and its status", async () => {
    const { status, stderr } = await build("broken");
    expect(status).toBe(1);
    expect(stderr).toContain(
      "error services/broken/Dockerfile:4: building forge/broken failed at RUN echo one >&2;",
    );
    expect(stderr).toMatch(/ {6}\| one\n {6}\| two\n {6}it exited with status 7\n$/);
    expect(stderr).not.toContain("| before");
  });

  test("names the line of what it cannot read", async () => {
    const { status, stderr } = await build("misspelt");
    expect(status).toBe(1);
    expect(stderr).toContain(
      "error services/misspelt/Dockerfile:3: building forge/misspelt failed",
    );
    expect(stderr).toContain("unknown instruction: RUNN");
  });

  test("stops when it is interrupted", async () => {
    const going = await call(forge.folder, "build napping", options);
    await until("the instruction", napping);
    going.interrupt();
    const { status, stderr } = await going.output;
    expect(status).toBe(130);
    expect(stderr).toContain("not built: forge/napping");
    await until("its end", async () => !(await napping()));
    expect((await run(["docker", "image", "inspect", "forge/napping"])).status).not.toBe(0);
  });
});

test("BuildKit alone takes cache mounts and modes, as the error of the classic builder says", async () => {
  const classic = await forge.reyns("build modern", { env: { DOCKER_BUILDKIT: "0" } });
  expect(classic.status).toBe(1);
  expect(classic.stderr).toContain("requires BuildKit\n");
  expect(classic.stderr).toContain("set DOCKER_BUILDKIT=1 in the environment to build with it");
  const built = await forge.reyns("build modern cache=False verbose=True");
  expect(built.stderr).toContain("forge/modern | the tool runs");
  // Or the builder is not asked.
  await rm(join(forge.folder, ".reyns/builds.json"));
  const again = await forge.reyns("build modern verbose=True");
  expect(again.stderr).toContain("CACHED [stage-0 3/3] RUN --mount=type=cache");
});

test("build refuses a DOCKER_BUILDKIT that is neither yes nor no", async () => {
  const { status, stderr } = await forge.reyns("build stages", { env: { DOCKER_BUILDKIT: "2" } });
  expect(status).toBe(2);
  expect(stderr).toContain('DOCKER_BUILDKIT must be 0 or 1, not "2"');
});
