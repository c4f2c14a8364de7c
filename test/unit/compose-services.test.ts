import { expect, test } from "bun:test";
import { mapCompose } from "./support/compose-project.ts";

const image = "acme/web";

test("instances of a service are not web-1 and web-2, or depend on something else than all of it", async () => {
  const { conf } = await mapCompose({
    services: {
      web: {
        image,
        scale: 2,
        depends_on: { db: { condition: "service_started", required: true } },
      },
      db: { image },
    },
  });
  expect(conf.instances.map(({ service, instance }) => `${service}-${instance}`)).toEqual([
    "db-1",
    "web-1",
    "web-2",
  ]);
  expect(conf.instances[1]?.after).toEqual([{ service: "db", instance: null }]);
});

test("a condition of depends_on is not waited for as Compose does", async () => {
  const { conf } = await mapCompose({
    services: {
      db: { image },
      migrate: { image },
      cache: { image },
      web: {
        image,
        depends_on: {
          db: { condition: "service_healthy", required: true, restart: true },
          migrate: { condition: "service_completed_successfully", required: true },
          cache: { condition: "service_started", required: true },
          gone: { condition: "service_started", required: false },
        },
      },
    },
  });
  const [db, migrate, cache, web] = conf.instances;
  expect(db?.ready).toEqual({ kind: "healthy" });
  expect(migrate?.job).toEqual({ always: false });
  expect(cache?.ready).toEqual({ kind: "started" });
  expect(web?.after).toHaveLength(3);
  expect(web?.restartAfter).toEqual([{ service: "db", instance: null }]);
});

test("the instances of a scaled service take the same port of a range, or more than it has", async () => {
  const ports = [{ mode: "ingress", target: 80, published: "8000-8001", protocol: "tcp" }];
  const { conf, errors } = await mapCompose({ services: { web: { image, scale: 3, ports } } });
  expect(conf.instances.map((instance) => instance.ports[0]?.host)).toEqual([
    8000,
    8001,
    undefined,
  ]);
  expect(errors).toEqual([
    expect.stringMatching(/^services\.web\.ports\.0: .*8000-8001 has no port/),
  ]);
});

test("the Engine does not choose from a range for the only instance", async () => {
  const ports = [{ mode: "ingress", target: 80, published: "8000-8001", protocol: "tcp" }];
  const { conf, errors } = await mapCompose({ services: { web: { image, ports } } });
  expect(conf.instances[0]?.ports[0]).toMatchObject({ host: 0, within: "8000-8001" });
  expect(errors).toEqual([]);
});

test("two services that have the same name here are not reported", async () => {
  const { errors } = await mapCompose({ services: { my_db: { image }, "my.db": { image } } });
  expect(errors).toEqual([expect.stringContaining("my_db and my.db are both called my-db here")]);
});

test("a service of a profile runs unasked, or not as a group", async () => {
  const { conf } = await mapCompose({
    services: { debug: { image, profiles: ["tools", "more"] } },
  });
  expect(conf.instances[0]).toMatchObject({ autorun: false, group: "tools" });
});

test("secrets and configs that are files are not mounted where Compose mounts them", async () => {
  const { conf } = await mapCompose({
    services: {
      web: {
        image,
        secrets: [
          { source: "token" },
          { source: "key", target: "/etc/key" },
          { source: "key", target: "other" },
        ],
        configs: [{ source: "conf" }],
      },
    },
    secrets: { token: { name: "t", file: "/srv/shop/t" }, key: { name: "k", file: "/k" } },
    configs: { conf: { name: "c", file: "/srv/shop/c" } },
  });
  const mounts = conf.instances[0]?.volumes.map((volume) =>
    typeof volume === "string" ? volume : `${volume.source} ${volume.target} ${volume.readOnly}`,
  );
  expect(mounts).toEqual([
    "./t /run/secrets/token true",
    "/k /etc/key true",
    "/k /run/secrets/other true",
    "./c /conf true",
  ]);
});

test("a service without instances is waited for", async () => {
  const { mapped } = await mapCompose({
    services: {
      setup: { image, scale: 0 },
      web: {
        image,
        depends_on: { setup: { condition: "service_completed_successfully", required: true } },
      },
    },
  });
  expect(mapped.services[1]?.instances[0]).not.toHaveProperty("after");
});

test("a folder of Windows becomes one in the project", async () => {
  const volumes = [{ type: "bind" as const, source: "C:\\data", target: "/data" }];
  const { errors } = await mapCompose({ services: { web: { image, volumes } } });
  expect(errors).toEqual([
    "services.web.volumes.0: volumes of web is not supported | write a path of Linux; or allow=volumes leaves it out",
  ]);
});

test("a secret of the environment is not one of the caller's, or shows its text in a converted file", async () => {
  const { mapped, conf, errors } = await mapCompose({
    services: {
      web: { image, secrets: [{ source: "token", mode: "0400", target: "/run/secrets/token" }] },
    },
    secrets: { token: { name: "shop_token", environment: "API_TOKEN", content: "sesame" } },
  });
  expect(errors).toEqual([]);
  expect(mapped.services[0]?.instances[0]?.secrets).toEqual({
    token: { environment: "API_TOKEN", mode: "0400" },
  });
  expect(JSON.stringify(conf.instances[0])).toContain(Buffer.from("sesame").toString("base64"));
});

test("secrets, agents and further contexts of a build are not those of the file", async () => {
  const { mapped, errors } = await mapCompose({
    services: {
      web: {
        build: {
          context: "https://git.example/web.git",
          secrets: [{ source: "npmrc" }, { source: "token", target: "NPM" }],
          ssh: { default: null, deploy: "/keys/id" },
          additional_contexts: { shared: "/srv/shop/shared", base: "service:my_base" },
          cache_to: ["type=registry,ref=x"],
        },
      },
    },
    secrets: {
      npmrc: { name: "a", file: "/srv/shop/.npmrc" },
      token: { name: "b", environment: "NPM_TOKEN" },
    },
  });
  expect(errors).toEqual([]);
  expect(mapped.services[0]?.instances[0]?.build).toEqual({
    context: "https://git.example/web.git",
    secrets: { npmrc: { file: "./.npmrc" }, NPM: { env: "NPM_TOKEN" } },
    ssh: ["default", "deploy=/keys/id"],
    additionalContexts: { shared: "./shared", base: "service:my-base" },
  });
});
