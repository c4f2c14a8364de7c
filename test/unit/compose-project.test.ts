// A Compose file as the definition of a project: where it is found, what it is called, and compose() in a reyns.ts.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { readComposeDefinition } from "../../src/project/compose/definition.ts";
import { guessProjectName } from "../../src/project/guess-name.ts";
import { findProject } from "../../src/project/locate.ts";
import { confNames, inspectProject } from "../../src/project/read.ts";
import { readStaticNames } from "../../src/project/static-names.ts";
import type { Environment } from "../../src/lib/environment.ts";
import { projectFolder } from "./support/project-folder.ts";

const file = `services:
  my_web: # the page
    image: acme/web
  "db":
    image: postgres:17
    environment:
      deeper: 1
volumes:
  data:
`;

test.each<[Record<string, string>, string | undefined]>([
  [{ "compose.yaml": file }, "compose.yaml"],
  [{ "compose.yaml": file, "reyns.ts": "" }, undefined],
  [{ "compose.yaml": file, "default.conf": "# confs\n[]" }, undefined],
  // nginx
  [{ "compose.yaml": file, "default.conf": "server { listen 80; }" }, "compose.yaml"],
  [{ "docker-compose.yml": file, "services/web/Dockerfile": "FROM a" }, "docker-compose.yml"],
  [{ ".env": "A=1\nCOMPOSE_FILE=prod.yaml:more.yaml\n", "prod.yaml": file }, "prod.yaml"],
  [
    { ".env": "COMPOSE_PATH_SEPARATOR=,\nCOMPOSE_FILE=prod.yaml,b.yaml\n", "prod.yaml": file },
    "prod.yaml",
  ],
])("the definition in a folder with %j is another one than %s", async (files, expected) => {
  await using project = await projectFolder(files);
  const place = await findProject(project.folder, {});
  const path = expected === undefined ? undefined : join(project.folder, expected);
  expect(place).toMatchObject({ folder: project.folder, dockerOps: false });
  expect(place.compose).toBe(path);
});

test("the conf of another program beside a Compose file is one of the project's", async () => {
  await using project = await projectFolder({
    "compose.yaml": file,
    "nginx.conf": "server { listen 80; }",
    "settings.conf": "[Server]\naddress = 1",
    "test.conf": "// ours\n[]",
    "reyns.ts": "",
  });
  expect(await confNames(await findProject(project.folder, {}))).toEqual(["default", "test"]);
});

test.each<[Record<string, string>, Environment, string]>([
  [{}, {}, "myshop"],
  [{ "compose.yaml": `name: my_project\n${file}` }, {}, "my-project"],
  [{ ".env": "COMPOSE_PROJECT_NAME=from_env\n" }, {}, "from-env"],
  [{ ".env": "COMPOSE_PROJECT_NAME=from_env\n" }, { COMPOSE_PROJECT_NAME: "caller" }, "caller"],
  [{ "compose.override.yaml": "name: other\n" }, {}, "other"],
  [{ "compose.yaml": `name: my_project\n${file}` }, { PROJECT_NAME: "mine" }, "mine"],
])(
  "with %j and %j the project is guessed, or read, as another one than %s",
  async (files, env, name) => {
    await using project = await projectFolder({ "compose.yaml": file, ...files }, "My.Shop");
    const place = await findProject(project.folder, env);
    expect(await guessProjectName(place, env)).toBe(name);
    expect((await inspectProject(place, env)).project.name).toBe(name);
  },
);

test("completion does not know the services of a Compose file", async () => {
  await using project = await projectFolder({ "compose.yaml": file });
  const place = await findProject(project.folder, {});
  expect(readStaticNames(place).services).toEqual(["my-web", "db"]);
});

test("completion does not know the services of an override, of an included file, or of one that is named", async () => {
  const plain = (name: string): string => `services:\n  ${name}: { image: acme/web }\n`;
  await using project = await projectFolder({
    "compose.yaml": `include:\n- a.yaml # and b.yaml\n- path: sub/c.yml\n${file}`,
    "compose.override.yaml": plain("extra"),
    "a.yaml": `include: ["sub/d.yaml"]\n${plain("a")}`,
    "b.yaml": plain("b"),
    "sub/c.yml": `include:\n  - d.yaml\n${plain("c")}`,
    "sub/d.yaml": plain("d"),
  });
  const servicesWith = async (env: NodeJS.ProcessEnv): Promise<string[]> => {
    const place = await findProject(project.folder, env);
    return readStaticNames(place, env).services.toSorted();
  };
  expect(await servicesWith({})).toEqual(["a", "c", "d", "db", "extra", "my-web"]);
  expect(await servicesWith({ COMPOSE_FILE: "b.yaml:sub/c.yml" })).toEqual(["b", "c", "d"]);
});

test("a mistake in a Compose file has another place than its line", async () => {
  await using project = await projectFolder({
    "compose.yaml": `services:\n  web:\n    image: acme/web\n    cpu_count: 2\n`,
  });
  const mistakes = await project.mistakes();
  expect(mistakes).toEqual([
    expect.stringMatching(/^compose\.yaml:4:5 cpu_count of web is not supported/),
  ]);
});

test("a mount without a path in the container is reported for its service, or not as it is written", async () => {
  await using project = await projectFolder({
    "compose.yaml": `services:
  web:
    image: acme/web
    volumes:
      - "./x"
      - "data:rel:ro"
      - "./a:\${WHERE}"
      - { type: volume, target: b }
      - "d:/d"
volumes:
  data:
`,
    ".env": "WHERE=here\n",
  });
  expect(await project.mistakes()).toEqual([
    'compose.yaml:5:9 services.web.volumes.0: a path in the container is missing | write where to mount it: "./x:/PATH"',
    'compose.yaml:6:9 services.web.volumes.1: the path in the container has to be absolute, not "rel" | begin it with a slash',
    ".env:1 services.web.volumes.2: the path in the container has to be absolute, not the value that its variable gives it | begin it with a slash",
    'compose.yaml:8:25 services.web.volumes.3.target has to be absolute, not "b" | begin it with a slash',
    "compose.yaml:9:9 services.web.volumes.4: a path in the container is missing | a single letter before a colon is read as a Windows drive: give the volume a longer name",
  ]);
});

test("compose() in a reyns.ts does not define the services of the file, or not with the given options", async () => {
  await using project = await projectFolder({
    "stack/compose.yaml": `services:
  web:
    image: acme/web
    environment: { A: a, B: b }
    volumes: ["./site:/site"]
  db:
    image: postgres:17
    volumes: ["data:/data"]
volumes:
  data:
`,
    "reyns.ts": `import { compose, service } from "reyns";
const { db } = compose("./stack/compose.yaml", { web: { restart: "always", env: { B: "mine" } } });
service("report", { image: "acme/report", after: db });
`,
  });
  const { conf } = await project.read();
  const byName = Object.fromEntries(conf.instances.map((instance) => [instance.service, instance]));
  expect(byName["web"]?.env).toEqual({
    A: { kind: "text", text: "a" },
    B: { kind: "text", text: "mine" },
  });
  expect(byName["web"]?.runtime?.restart).toBe("always");
  expect(byName["web"]?.volumes).toMatchObject([{ source: "./stack/site", target: "/site" }]);
  expect(byName["report"]?.after).toEqual([{ service: "db", instance: "1" }]);
  expect(conf.volumes).toMatchObject({ data: { name: "stack_data" } });
});

test("a service that compose() does not have is taken for one", async () => {
  await using project = await projectFolder({
    "compose.yaml": "services: { web: { image: acme/web } }\n",
    "reyns.ts": `import { compose } from "reyns";
const { wbe } = compose("./compose.yaml", { wob: {} });
`,
  });
  expect(await project.mistakes()).toEqual([
    expect.stringContaining('2:17 the Compose file has no service "wbe" | did you mean "web"?'),
    expect.stringContaining('2:45 the Compose file has no service "wob"'),
  ]);
});

test("a Compose file that cannot be read leads to other mistakes than its own", async () => {
  await using project = await projectFolder({
    "reyns.ts": `import { compose, service } from "reyns";
const { db } = compose("./missing.yaml");
service("web", { image: "acme/web", after: db });
`,
  });
  const mistakes = await project.mistakes();
  expect(mistakes.join("\n")).toContain("missing.yaml");
});

test("a container is not called by its container_name, without a word", async () => {
  const named = file.replace("acme/web", "acme/web\n    container_name: shop_front");
  await using project = await projectFolder({ "compose.yaml": named });
  const place = { folder: project.folder, origin: project.folder };
  const { conf } = await readComposeDefinition(place, {});
  expect(conf.warnings).toEqual([
    'container_name of my_web is a name on the network only: "reyns ps json" has the names for docker',
  ]);
});
