import { expect, test } from "bun:test";
import { projectFolder } from "./support/project-folder.ts";
import { convertedCompose } from "./support/compose-project.ts";

const image = "acme/web";

test("a converted project is not what its author would write", () => {
  const { text, notes } = convertedCompose([
    {
      services: {
        web: {
          build: { context: "/srv/shop/web" },
          command: ["node", "server.js"],
          ports: [{ mode: "ingress", target: 80, published: "8080", protocol: "tcp" }],
          volumes: [
            {
              type: "bind",
              source: "/srv/shop/site",
              target: "/site",
              read_only: true,
              bind: { create_host_path: true },
            },
          ],
          depends_on: {
            db: { condition: "service_healthy", required: true, restart: true },
            migrate: { condition: "service_completed_successfully", required: true },
          },
        },
        db: {
          image: "postgres:17",
          environment: { POSTGRES_PASSWORD: "x" },
          healthcheck: { test: ["CMD", "pg_isready"], interval: "5s" },
          volumes: [{ type: "volume", source: "data", target: "/var/lib/postgresql/data" }],
        },
        migrate: {
          image: "acme/migrate",
          depends_on: { db: { condition: "service_healthy", required: true } },
        },
      },
      volumes: { data: { name: "shop_data" } },
    },
  ]);
  expect(notes).toEqual([]);
  expect(text).toBe(`import { job, project, ready, service, volume } from "reyns";

project("shop");

volume("data", { name: "shop_data" });

const db = service("db", {
  instance: "1",
  image: "postgres:17",
  env: { POSTGRES_PASSWORD: "x" },
  volumes: ["data:/var/lib/postgresql/data"],
  ready: ready.healthy(),
  healthcheck: { test: ["pg_isready"], interval: "5s" },
});

const migrate = job("migrate", {
  instance: "1",
  image: "acme/migrate",
  after: db,
});

service("web", {
  instance: "1",
  build: "./web",
  command: ["node", "server.js"],
  volumes: ["./site:/site:ro"],
  ports: ["8080:80"],
  after: [{ db, restart: true }, migrate],
  ready: ready.started(),
});
`);
});

test("instances that differ in their names alone are written more than once", () => {
  const { text } = convertedCompose([
    { services: { web: { image, scale: 2 }, off: { image, scale: 0 } } },
  ]);
  expect(text).toContain(`for (const instance of ["1", "2"]) {
  service("web", { instance, image: "acme/web", ready: ready.started() });
}`);
  expect(text).toContain("// off has no instances.");
});

test("texts with quotes, backslashes or line ends break the converted file, or lose something", async () => {
  const nasty = "a\"b'c`d\\e\n${f}\u{1F600}*/";
  const { text } = convertedCompose([
    {
      services: {
        web: { image, command: [nasty], environment: { X: nasty }, labels: { [nasty]: nasty } },
        "new.class": {
          image,
          depends_on: { web: { condition: "service_started", required: true } },
        },
        default: {
          image,
          depends_on: { "new.class": { condition: "service_started", required: true } },
        },
      },
    },
  ]);
  await using project = await projectFolder({ "reyns.ts": text });
  const { conf } = await project.read();
  const [web, other, last] = conf.instances;
  expect(web?.command).toEqual([nasty]);
  expect(web?.env["X"]).toEqual({ kind: "text", text: nasty });
  expect(web?.labels).toEqual({ [nasty]: nasty });
  expect(other?.after).toEqual([{ service: "web", instance: "1" }]);
  expect(last?.service).toBe("default");
});

test("options of the default network get lost, or are declared where nothing is in it", () => {
  const networks = { default: { name: "shop_net", ipam: {}, enable_ipv6: true } };
  const declared = 'network("default", { name: "shop_net", enableIpv6: true });';
  const textOf = (service: object): string =>
    convertedCompose([{ services: { web: { image, ...service } }, networks }]).text;
  expect(textOf({})).toContain(declared);
  expect(textOf({ networks: { default: { aliases: ["a"] } } })).toContain(declared);
  expect(textOf({ network_mode: "none" })).not.toContain("network(");
});
