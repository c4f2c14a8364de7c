// Build contexts that hold more than an image should, or that do not hold still.
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must, run } from "../engine/support/images-container.ts";
import { createProject, pruneImages } from "./support/project.ts";

setDefaultTimeout(240_000);

/** A folder that exists: other tests remove untagged images, as these are for a moment, of folders that are gone. */
const elsewhere = "/usr";

afterAll(async () => {
  await run(["docker", "rmi", "--force", "contexts/web", "contexts/moving"]);
  await pruneImages(`io.reyns.folder=${elsewhere}`);
});

const script = (options: string): string => `import { project, service } from "reyns";
project("contexts");
service("web", { ${options} });
`;
const dockerfile = "FROM debian:bookworm-slim\nCOPY . /app\n";

test("the project's folder as the context: no keys in the image, and no build without a change", async () => {
  await using shop = await createProject({
    Dockerfile: dockerfile,
    a: "1",
    "host.conf": '{ "TOKEN": "secret" }',
    "reyns.ts": script('build: ".", init: true, command: ["sleep", "600"]'),
  });
  await shop.must("run all");
  expect((await shop.reyns("build web")).stderr).toContain("contexts/web up to date");
  expect((await shop.reyns("build web")).stderr).toContain("contexts/web up to date");
  const files = await must(
    ...["docker", "run", "--rm", "--entrypoint", "ls", "contexts/web", "-A", "/app"],
  );
  expect(files.split("\n")).toEqual(["Dockerfile", "a", "reyns.ts"]);
});

test.each([
  ["BuildKit", "1"],
  ["the classic builder", "0"],
])("a Dockerfile outside of the context is built by %s", async (_, builder) => {
  const env = { DOCKER_BUILDKIT: builder };
  await using shop = await createProject({
    "docker/web.Dockerfile": dockerfile,
    "docker/web.Dockerfile.dockerignore": "*.md\n",
    "web/a": "1",
    "web/b.md": "2",
    "reyns.ts": script('build: { context: "./web", dockerfile: "../docker/web.Dockerfile" }'),
  });
  const build = () => shop.reyns("build web", { env });
  expect((await build()).status).toBe(0);
  const listed = await must(
    ...["docker", "run", "--rm", "--user", "nobody", "--entrypoint", "sh", "contexts/web"],
    ...["-c", "ls -A /app; cat /app/.reyns/Dockerfile 2>&1 || true"],
  );
  // It is in the context, as every Dockerfile, and only root reads it there.
  expect(listed.split("\n").slice(0, 2)).toEqual([".reyns", "a"]);
  expect(listed).toEndWith("Permission denied");
  expect((await build()).stderr).toContain("contexts/web up to date");
  await shop.write({ "docker/web.Dockerfile.dockerignore": "a\n" });
  const ignoring = await build();
  expect(ignoring.status).toBe(0);
  expect(ignoring.stderr).not.toContain("up to date");
  // First, as the classic builder leaves the layers of a build that fails.
  await shop.write({ "docker/web.Dockerfile": dockerfile.replace("\n", "\nRUN false\n") });
  const { status, stderr } = await build();
  expect(stderr).toContain("error docker/web.Dockerfile:2: building contexts/web failed");
  expect(status).toBe(1);
});

test("check refuses a private file as the Dockerfile", async () => {
  await using shop = await createProject(
    {
      "host.conf": "{}",
      "web/a": "1",
      "reyns.ts": script('build: { context: "./web", dockerfile: "../host.conf" }'),
    },
    { offline: true },
  );
  const { status, stderr } = await shop.reyns("check");
  expect(status).toBe(2);
  expect(stderr).toContain("no image may contain ../host.conf");
});

test("files that come, go and grow while they are read do not stop a build", async () => {
  await using shop = await createProject({
    "app/Dockerfile": dockerfile,
    "app/log": "x".repeat(20_000_000),
    "reyns.ts": script('build: "app"').replace('"web"', '"moving"'),
  });
  const at = (name: string): string => join(shop.folder, "app", name);
  const built = new AbortController();
  const churn = async (): Promise<void> => {
    for (let count = 0; !built.signal.aborted; count += 1) {
      await appendFile(at("log"), "y".repeat(10_000));
      await writeFile(at(`t${count % 50}`), "");
      await rm(at(`t${(count + 25) % 50}`), { force: true });
      // Without a pause the context grows faster than a busy machine builds.
      await Bun.sleep(5);
    }
  };
  const churning = churn();
  try {
    for (let count = 0; count < 3; count += 1) await shop.must("build moving");
  } finally {
    built.abort();
    await churning;
  }
});

test("an image from another Engine is used, one of another folder here is not", async () => {
  await using shop = await createProject({
    "app/Dockerfile": 'FROM debian:bookworm-slim\nCMD ["sleep", "600"]\n',
    "reyns.ts": script('build: "app", init: true, ready: ready.started()').replace(
      "{ project",
      "{ project, ready",
    ),
  });
  const tag = (engine: string): Promise<unknown> =>
    must(
      ...["sh", "-c", `printf '%s' "$1" | docker build -q -t contexts/web -`, "-"],
      `FROM debian:bookworm-slim\nCMD ["sleep", "500"]\nLABEL io.reyns.folder=${elsewhere} io.reyns.engine=${engine}\n`,
    );
  await tag("another");
  expect((await shop.reyns("run all")).stderr).not.toContain("contexts/web built");
  await tag((await must("docker", "info", "--format", "{{.ID}}")).trim());
  await shop.must("clean all");
  expect((await shop.reyns("run all")).stderr).toContain("contexts/web built");
});

test("run warns of a service whose files have changed since its image was built", async () => {
  await using shop = await createProject({
    "app/Dockerfile": `${dockerfile}CMD ["sleep", "600"]\n`,
    "app/a": "1",
    "reyns.ts": script('build: "app", init: true, ready: ready.started()').replace(
      "{ project",
      "{ project, ready",
    ),
  });
  await shop.must("run all");
  expect((await shop.reyns("run all")).stderr).toContain("up to date: web-one\n");
  await shop.write({ "app/a": "2" });
  const warning =
    "warning ./app has changed since the image of web was built; to build and use it: reyns run all build=true\n";
  expect((await shop.reyns("plan")).stderr).toBe(warning);
  expect((await shop.reyns("run all")).stderr).toContain(warning);
  expect((await shop.reyns("rerun web")).stderr).toContain(warning);
  await shop.must("build web");
  expect((await shop.reyns("plan")).stderr).toBe("");
  expect((await shop.reyns("run all")).stderr).not.toContain("has changed since");
});
