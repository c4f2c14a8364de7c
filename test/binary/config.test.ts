// The resolved definition, the project's images, and their removal.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must, run } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

let shop: Project;
const published = `reyns-test/named-${process.pid}:3`;

beforeAll(async () => {
  shop = await createProject({
    "reyns.ts": `import { project, ready, required, service, variable } from "reyns";
project("shown");
const sleeper = { command: ["sleep", "600"], init: true, ready: ready.started() };
const db = service("db", { ...sleeper, image: "debian:bookworm-slim", env: { DB_PASSWORD: required({ secret: true }), SIZE: 3 } });
service("web", { ...sleeper, build: "./web", image: "${published}", after: [db], ports: ["127.0.0.1:28497:80"],
  env: { MODE: variable("MODE", "slow"), API_TOKEN: "in the file", ADDRESS: required() } });
service("late", { ...sleeper, image: "debian:bookworm-slim", autorun: false });
`,
    "web/Dockerfile": "FROM debian:bookworm-slim\nRUN echo 1 >/one\n",
    "host.conf": '{ "DB_PASSWORD": "hunter2", "ADDRESS": "192.0.2.7" }',
  });
});
afterAll(() => shop?.[Symbol.asyncDispose]());

test("config shows the resolved definition without secrets, without an Engine", async () => {
  const env = { DOCKER_HOST: "unix:///nowhere.sock", MODE: "fast" };
  const { status, stdout } = await shop.reyns("config json", { env });
  expect(status).toBe(0);
  expect(stdout).not.toMatch(/hunter2|in the file/);
  const { name, instances } = JSON.parse(stdout) as { name: string; instances: object[] };
  expect(name).toBe("shown");
  expect(instances).toMatchObject([
    { host: "db-one", image: "debian:bookworm-slim", env: { DB_PASSWORD: "<secret>", SIZE: "3" } },
    {
      host: "web-one",
      image: "shown/web:latest",
      env: { MODE: "fast", API_TOKEN: "<secret>", ADDRESS: "192.0.2.7" },
      ports: [{ container: 80, host: 28_497, ip: "127.0.0.1" }],
    },
    { host: "late-one", autorun: false },
  ]);
  const text = (await shop.reyns("config web", { env })).stdout;
  expect(Bun.YAML.parse(text)).toMatchObject({
    name: "shown",
    instances: [{ service: "web" }],
  });
});

test("config lists services, images and digests, which change with what is set", async () => {
  expect(await shop.must("config services")).toBe("db\nlate\nweb");
  expect(await shop.json("config --images")).toEqual(["debian:bookworm-slim", "shown/web:latest"]);
  const [web] = (await shop.json("config web hash")) as { hash: string }[];
  expect(await shop.must("config web hash")).toBe(`web-one ${web?.hash}`);
  const other = await shop.must("config web hash", { env: { MODE: "fast" } });
  expect(other).not.toContain(web?.hash ?? "");
  expect((await shop.reyns("config wbe")).status).toBe(2);
});

test("config of a Compose file has services of other profiles, or what only they use", async () => {
  await using project = await createProject({
    "compose.yaml": `services:
  web: { image: acme/web, volumes: ["data:/data"], networks: [front] }
  host: { image: acme/host, network_mode: host }
  debug: { image: acme/debug, profiles: [tools], volumes: ["more:/data"], networks: [back] }
volumes: { data: , more: , unused: }
networks: { front: , back: , unused: }
`,
  });
  const lists = async (call: string): Promise<string[][]> => {
    const kinds = ["services", "images", "volumes", "networks"];
    const printed = kinds.map((kind) => project.must(`${call} --${kind}`));
    return (await Promise.all(printed)).map((text) => text.split("\n"));
  };
  const active = [["host", "web"], ["acme/host:latest", "acme/web:latest"], ["data"], ["front"]];
  expect(await lists("config")).toEqual(active);
  expect(await lists("config all")).toEqual(active);
  const debug = [["debug"], ["acme/debug:latest"], ["more"], ["back"]];
  expect(await lists("config debug")).toEqual(debug);
  expect(await lists("config group=tools")).toEqual(debug);
  const both = active.map((names, index) => [...names, ...(debug[index] ?? [])].toSorted());
  expect(await lists("--profile tools config")).toEqual(both);
  const { volumes, networks, instances } = (await project.json("config")) as {
    volumes: object;
    networks: object;
    instances: object[];
  };
  expect([Object.keys(volumes), Object.keys(networks)]).toEqual([["data"], ["front"]]);
  expect(instances).toMatchObject([{ service: "web" }, { service: "host" }]);
});

interface ListedImage {
  readonly repository: string;
  readonly tag: string;
  readonly services: readonly string[];
  readonly size: number;
  readonly builtHere: boolean;
}

test("images lists what runs and what was built, and clean images=true removes what was built", async () => {
  expect(await shop.json("images")).toEqual([]);
  await shop.must("build web");
  await shop.must("run all", { env: { DB_PASSWORD: "hunter2", ADDRESS: "192.0.2.7" } });
  const images = (await shop.json("images")) as ListedImage[];
  expect(
    images.map(({ repository, tag, services, builtHere }) => [
      repository,
      tag,
      services,
      builtHere,
    ]),
  ).toEqual([
    ["debian", "bookworm-slim", ["db"], false],
    [published.replace(/:3$/, ""), "3", ["web"], true],
    ["shown/web", "latest", ["web"], true],
  ]);
  expect(images.every(({ size }) => size > 1e6)).toBe(true);
  expect(await shop.must("images")).toMatch(/SERVICE +IMAGE +SIZE +CREATED +ID/);
  // A container of somebody else's keeps the image.
  const stranger = await must("docker", "create", "shown/web", "true");
  const kept = await shop.reyns("clean all force images=true");
  expect(kept.stderr).toContain("still in use, and left:");
  await must("docker", "rm", stranger);
  const { status, stderr } = await shop.reyns("clean all force images=true");
  expect(status).toBe(0);
  expect(stderr).toContain("removed the image");
  expect(await shop.json("images")).toEqual([]);
  expect((await run(["docker", "image", "inspect", "debian:bookworm-slim"])).status).toBe(0);
});
