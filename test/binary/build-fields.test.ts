// What a build can be asked for besides its files: names, labels, limits and networks.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must } from "../engine/support/images-container.ts";
import { isDocker2010 } from "./support/engine-version.ts";
import { createProject, type Project } from "./support/project.ts";
import { openRelay } from "./support/relay.ts";

setDefaultTimeout(240_000);

const name = `reyns-test/named-${process.pid}`;
let fields: Project;

beforeAll(async () => {
  fields = await createProject({
    "site/index.html": "hello\n",
    "site/Dockerfile": "FROM scratch\n",
    "reyns.ts": `import { project, service } from "reyns";
project("fields");
const from = "FROM debian:bookworm-slim";
service("site", {
  build: {
    context: "site",
    dockerfileInline: \`\${from}\\nCOPY . /site\\nRUN cat /etc/hosts >/hosts\`,
    labels: { team: "a" },
    extraHosts: { one: "192.0.2.1", two: "192.0.2.2" },
    tags: ["${name}:2"],
  },
  image: "${name}",
  command: ["sleep", "999"],
});
service("worker", { image: "${name}", command: ["sleep", "999"] });
service("based", { build: { dockerfileInline: "FROM ${name}:2\\nRUN test -e /site" } });
service("limited", {
  build: {
    dockerfileInline: \`\${from}\\nRUN ulimit -n >/files && df -k /dev/shm | tail -1 >/memory\`,
    ulimits: { nofile: 123 },
    shmSize: "32m",
  },
});
service("alone", {
  build: { dockerfileInline: \`\${from}\\nRUN ls /sys/class/net >/interfaces\`, network: "none" },
});
service("there", {
  build: { dockerfileInline: \`\${from}\\nRUN ls /sys/class/net >/interfaces\`, network: "host" },
});
service("foreign", {
  build: { context: "site", dockerfileInline: "FROM scratch\\nCOPY . /", platforms: ["linux/s390x"] },
});
service("anew", {
  build: { dockerfileInline: \`\${from}\\nRUN cat /proc/sys/kernel/random/uuid >/id\`, noCache: true },
});
service("pulling", { build: { dockerfileInline: "FROM 127.0.0.1:9/base", pull: true } });
service("cached", { build: { dockerfileInline: from, cacheFrom: ["type=registry,ref=fields/site"] } });
`,
  });
});
afterAll(() => fields?.[Symbol.asyncDispose]());

const inspect = (image: string, format: string): Promise<string> =>
  must("docker", "image", "inspect", "--format", format, image);
const read = (image: string, path: string): Promise<string> =>
  must("docker", "run", "--rm", "--entrypoint", "cat", image, path);

test.each([
  ["BuildKit", "1"],
  ["the classic builder", "0"],
])("%s builds a Dockerfile of reyns.ts with labels, hosts and names", async (_, builder) => {
  await fields.must("build site cache=false", { env: { DOCKER_BUILDKIT: builder } });
  expect(await read("fields/site", "/site/index.html")).toBe("hello");
  expect(await read("fields/site", "/site/Dockerfile")).toBe("FROM scratch");
  expect(await read("fields/site", "/hosts")).toMatch(/192\.0\.2\.1\s+one[^]*192\.0\.2\.2\s+two/);
  expect(await inspect("fields/site", "{{.Config.Labels.team}}")).toBe("a");
  const ids = await inspect("fields/site", "{{.Id}}");
  expect(await inspect(name, "{{.Id}}")).toBe(ids);
  expect(await inspect(`${name}:2`, "{{.Id}}")).toBe(ids);
});

test("an unchanged build is skipped, but gives the image its names again", async () => {
  await fields.must("build site");
  await must("docker", "rmi", `${name}:2`);
  await using relay = await openRelay();
  const { stderr } = await fields.reyns("build site", { env: { DOCKER_HOST: relay.host } });
  expect(stderr).toMatch(/^✓ fields\/site up to date/m);
  expect(relay.requests.filter((request) => request.includes("/build?"))).toEqual([]);
  expect(await inspect(`${name}:2`, "{{.Id}}")).toBe(await inspect("fields/site", "{{.Id}}"));
});

test("services that name the image in image or FROM have it built", async () => {
  await must("docker", "rmi", "--force", await inspect("fields/site", "{{.Id}}"));
  await fields.must("run worker");
  const ids = await must(
    "docker",
    "ps",
    "--quiet",
    "--filter",
    `label=io.reyns.folder=${fields.folder}`,
  );
  expect(await must("docker", "inspect", "--format", "{{.Config.Image}}", ids)).toBe(name);
  await fields.must("build based");
  expect(await read("fields/based", "/site/index.html")).toBe("hello");
});

test("limits reach RUN, with the classic builder where BuildKit ignores them", async () => {
  await fields.must("build limited cache=false");
  expect(await read("fields/limited", "/files")).toBe("123");
  expect(await read("fields/limited", "/memory")).toMatch(/^(shm|tmpfs)\s+32768\s/);
  if (!(await isDocker2010())) return;
  const { status, stderr } = await fields.reyns("build limited cache=false", {
    env: { DOCKER_BUILDKIT: "1" },
  });
  expect(status).toBe(2);
  expect(stderr).toContain("the BuildKit of Docker 20.10 ignores shmSize");
});

test("RUN has the network that the build asks for", async () => {
  await fields.must("build alone cache=false");
  await fields.must("build there cache=false");
  expect(await read("fields/alone", "/interfaces")).toBe("lo");
  expect(await read("fields/there", "/interfaces")).toContain("docker0");
});

test("an image is built for another platform", async () => {
  await fields.must("build foreign");
  expect(await inspect("fields/foreign", "{{.Architecture}}")).toBe("s390x");
});

test("noCache runs every instruction at each build", async () => {
  await fields.must("build anew");
  const first = await read("fields/anew", "/id");
  await fields.must("build anew");
  expect(await read("fields/anew", "/id")).not.toBe(first);
});

test("pull asks the registry for the base image before the build", async () => {
  const { status, stderr } = await fields.reyns("build pulling");
  expect(status).toBe(1);
  expect(stderr).toContain("cannot pull the image 127.0.0.1:9/base");
});

test("cacheFrom names the images to the Engine, and does not make a build a new one", async () => {
  await using relay = await openRelay();
  await fields.must("build cached", { env: { DOCKER_HOST: relay.host } });
  const request = relay.requests.find((line) => line.includes("/build?")) ?? "";
  expect(decodeURIComponent(request)).toContain('cachefrom=["fields/site"]');
  const script = await Bun.file(`${fields.folder}/reyns.ts`).text();
  await fields.write({ "reyns.ts": script.replace("ref=fields/site", "ref=fields/based") });
  expect((await fields.reyns("build cached")).stderr).toMatch(/^✓ fields\/cached up to date/m);
});
