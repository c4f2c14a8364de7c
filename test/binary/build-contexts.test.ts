// Additional contexts of a build: folders, images and other services, by name.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { openRelay } from "./support/relay.ts";

setDefaultTimeout(240_000);

let several: Project;

beforeAll(async () => {
  several = await createProject({
    "web/Dockerfile": `ARG BASE=base
FROM $BASE
COPY --from=shared . /shared
RUN --mount=from=assets,target=/mnt cp /mnt/asset /asset
COPY . /web
`,
    "web/page": "",
    "shared/one": "first\n",
    "shared/run": "#!/bin/sh\n",
    "shared/unwanted": "",
    "shared/.dockerignore": "unwanted\n",
    "assets/Dockerfile": "FROM debian:bookworm-slim\nRUN echo made >/asset\n",
    "plain/Dockerfile": "FROM base\nCOPY --from=shared one /one\nCOPY --from=assets /asset /\n",
    "broken/Dockerfile": "FROM base\n\nRUNN true\n",
    "reyns.ts": `import { project, service } from "reyns";
project("several");
const assets = service("assets", { build: "assets" });
const additionalContexts = { base: "docker-image://debian:bookworm-slim", shared: "./shared", assets };
service("web", { build: { context: "web", additionalContexts } });
service("plain", { build: { context: "plain", additionalContexts } });
service("broken", { build: { context: "broken", additionalContexts } });
`,
  });
});
afterAll(() => several?.[Symbol.asyncDispose]());

const shell = (image: string, script: string): Promise<string> =>
  must("docker", "run", "--rm", "--entrypoint", "sh", image, "-c", script);

test("folders, images and services are stages of the Dockerfile, built first", async () => {
  await several.must("build web");
  expect(await shell("several/web", "cd /shared; ls -A; cat one; test -x run && cat /asset")).toBe(
    ".dockerignore\none\nrun\nfirst\nmade",
  );
  expect(await shell("several/web", "ls -A /web")).toBe("Dockerfile\npage");
});

test("the classic builder takes them as well", async () => {
  await several.must("build plain", { env: { DOCKER_BUILDKIT: "0" } });
  expect(await shell("several/plain", "cat /one /asset")).toBe("first\nmade");
});

test("a changed file of a folder is a change of the image, and nothing else is", async () => {
  const posts = async (): Promise<string[]> => {
    await using relay = await openRelay();
    await several.must("build plain", { env: { DOCKER_HOST: relay.host } });
    const paths = relay.requests.map(
      (line) => /^POST \S*(\/build|\/images\/create)\?/.exec(line)?.[1],
    );
    return paths.filter((path) => path !== undefined);
  };
  await several.must("build plain");
  expect(await posts()).toEqual([]);
  await several.write({ "shared/one": "second\n" });
  expect(await posts()).toEqual(["/images/create", "/build"]);
  expect(await shell("several/plain", "cat /one")).toBe("second");
});

test("a mistake is reported at its line in the file, which has no stages of contexts", async () => {
  const { status, stderr } = await several.reyns("build broken");
  expect(status).toBe(1);
  expect(stderr).toContain("broken/Dockerfile:3");
});
