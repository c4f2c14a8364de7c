import { expect, test } from "bun:test";
import { join } from "node:path";
import { convertConfs } from "../../src/project/conf/convert.ts";
import { readConfFile } from "../../src/project/conf/read.ts";
import { projectFolder } from "./support/project-folder.ts";

const conf = `[
  { "service": "reyns-router", "instance": "main", "http": 8080, "https": false },
  { "service": "web", "instance": "one", "route": "shop.localhost/api" },
  { "service": "web", "instance": "two", "route": [{ "host": "a.localhost", "port": 81, "sticky": true }, "b.localhost"] }
]`;
const web = {
  "services/web/Dockerfile": "FROM reyns/reyns-base\n# reyns: expose 80/tcp\nEXPOSE 80\n",
};

test("a conf has a router with its options, and routes like a reyns.ts", async () => {
  await using project = await projectFolder({ ...web, "default.conf": conf });
  const [router, one, two] = (await project.read()).conf.instances;
  expect(router).toMatchObject({
    router: { http: 8080, https: undefined, redirect: true },
    ports: [{ container: 80, host: 8080, protocol: "tcp" }],
    volumes: ["reyns-router:/var/lib/caddy"],
    runtime: { restart: "unless-stopped" },
  });
  expect(one?.routes).toMatchObject([{ host: "shop.localhost", path: "/api" }]);
  expect(two?.routes).toMatchObject([{ port: 81, sticky: true }, { host: "b.localhost" }]);
});

test("the options of the router are unknown keys of any other entry of a conf", async () => {
  const wrong = conf.replace('"one",', '"one", "https": 443,');
  await using project = await projectFolder({ ...web, "default.conf": wrong });
  expect(await project.mistakes()).toEqual([expect.stringContaining('unknown key "https"')]);
});

test("convert writes router() and the routes of a conf", async () => {
  await using project = await projectFolder({ ...web, "default.conf": conf });
  const read = readConfFile(join(project.folder, "default.conf"), "default");
  const { text } = convertConfs({
    project: "shop",
    confs: [read.conf],
    dockerOps: false,
    services: [],
  });
  expect(text).toContain('router({ instance: "main", http: 8080, https: false });');
  expect(text).toContain('route: "shop.localhost/api"');
  expect(text).toContain('route: [{ host: "a.localhost", port: 81, sticky: true }, "b.localhost"]');
  expect(text).toMatch(/import \{[^}]*\brouter\b/);
});
