import { expect, test } from "bun:test";
import type { Project } from "../../src/model/project.ts";
import {
  containerNameOf,
  imageVolumeNameOf,
  volumeNameOf,
} from "../../src/model/resource-names.ts";
import { findLostData } from "../../src/plan/checks/lost-data.ts";
import { mapCompose } from "./support/compose-project.ts";
import { observed, plan, startOf, started } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

const header = 'import { service } from "reyns";\n';
const db = `const db = service("db", { image: "db",
  volumes: ["data:/data", "/cache", "./conf:/etc/conf:ro", { type: "tmpfs", target: "/run" }] });
`;

async function read(script: string): Promise<Project> {
  await using folder = await projectFolder({ "reyns.ts": header + db + script });
  return await folder.read();
}

function stepOf(project: Project, host: string) {
  const images = ["db", "web"];
  return startOf(plan(project, { observed: observed({ images }) }).steps, host);
}

test.each(["db", '"db"', "{ from: db }", '"db:rw"'])(
  "volumesFrom: [%s] gives the volumes and folders of the other one, and waits for it",
  async (from) => {
    const project = await read(`service("web", { image: "web", volumesFrom: [${from}] });`);
    const { spec, after } = stepOf(project, "web-one");
    const container = containerNameOf(project, "db-one");
    expect(spec.mounts).toEqual([
      { type: "volume", source: volumeNameOf(project, "data"), target: "/data", readOnly: false },
      {
        type: "volume",
        source: imageVolumeNameOf(container, "/cache"),
        target: "/cache",
        readOnly: false,
      },
      { type: "bind", source: `${project.folder}/conf`, target: "/etc/conf", readOnly: true },
    ]);
    expect(spec.volumesFrom).toEqual([{ container, readOnly: false }]);
    expect(after).toEqual(["start db-one"]);
  },
);

test.each(['"db:ro"', "{ from: db, readOnly: true }", '{ from: "db", readOnly: true }'])(
  "volumesFrom: [%s] gives them to read only",
  async (from) => {
    const project = await read(`service("web", { image: "web", volumesFrom: [${from}] });`);
    const { spec } = stepOf(project, "web-one");
    expect(spec.mounts.map(({ readOnly }) => readOnly)).toEqual([true, true, true]);
    expect(spec.volumesFrom?.[0]?.readOnly).toBe(true);
  },
);

test("its own volumes count, and those of others come by way of one that has them", async () => {
  const project = await read(`
const files = service("files", { image: "web", volumes: { own: "/data" }, volumesFrom: ["db:ro"] });
service("web", { image: "web", tmpfs: "/cache", volumesFrom: [files] });`);
  const mountsOf = (host: string): string[] =>
    stepOf(project, host).spec.mounts.map(
      ({ source, target, readOnly }) => `${source.split("-").at(-1)} ${target} ${readOnly}`,
    );
  expect(mountsOf("files-one")).toEqual([
    "own /data false",
    "one.cache /cache true",
    expect.stringMatching(/conf \/etc\/conf true$/),
  ]);
  expect(mountsOf("web-one")).toEqual([
    "own /data false",
    expect.stringMatching(/conf \/etc\/conf true$/),
  ]);
});

test("it waits for the other one once, also where after names it", async () => {
  const project = await read('service("web", { image: "web", after: db, volumesFrom: ["db"] });');
  const web = project.conf.instances.find(({ service }) => service === "web");
  expect(web?.after).toEqual([{ service: "db", instance: "one" }]);
});

test("two that have each other's volumes wait for each other", async () => {
  const project = await read(
    'service("a", { image: "web", volumesFrom: ["b"] }); service("b", { image: "web", volumesFrom: ["a"] });',
  );
  expect(() => stepOf(project, "a-one")).toThrow(/in a circle: a-one -> b-one -> a-one/);
});

test("a changed volume of the other one is a change of both", async () => {
  const definitionOf = async (name: string): Promise<string | undefined> => {
    const project = await read(
      `service("s", { image: "db", volumes: { ${name}: "/x" } }); service("web", { image: "web", volumesFrom: ["s"] });`,
    );
    return stepOf({ ...project, folder: "/shop", origin: "/shop" }, "web-one").spec.labels[
      "io.reyns.definition"
    ];
  };
  expect(await definitionOf("data")).not.toBe(await definitionOf("more"));
});

test("data at a VOLUME of the other one's image is not lost when its taker is replaced", async () => {
  const project = await read('service("web", { image: "web", volumesFrom: [db] });');
  const step = stepOf(project, "web-one");
  const volume = imageVolumeNameOf(containerNameOf(project, "db-one"), "/var/lib/db");
  const mounts = [{ target: "/var/lib/db", source: "/x", readOnly: false, volume }];
  expect(findLostData([{ existing: started(step, { mounts }), step }])).toEqual([]);
});

test.each([
  ['["none"]', 'volumesFrom: no instance of "none" is defined'],
  ['["web"]', "volumesFrom points to the instance itself"],
  ['["db:rx"]', 'volumesFrom is "db:rx"'],
  ['["container:db"]', "volumesFrom"],
  ['[{ from: db, mode: "ro" }]', 'unknown key "mode"'],
  ['"db"', 'volumesFrom is "db" | accepted: a list'],
])("volumesFrom: %s is a mistake at its place", async (given, message) => {
  await using folder = await projectFolder({
    "reyns.ts": `${header}const db = service("db", { image: "db" });
service("web", { image: "web", volumesFrom: ${given} });\n`,
  });
  const [mistake, ...more] = await folder.mistakes();
  expect(mistake).toStartWith("reyns.ts:3:");
  expect(mistake).toContain(message);
  expect(more).toEqual([]);
});

test("volumes_from of Compose is not the same, or a container of another project is taken", async () => {
  const { mapped, errors } = await mapCompose({
    services: {
      my_db: { image: "db", volumes: [{ type: "volume", source: "data", target: "/data" }] },
      web: { image: "web", volumes_from: ["my_db:ro", "my_db:rw", "my_db", "container:old"] },
    },
    volumes: { data: { name: "shop_data" } },
  });
  const [, web] = mapped.services;
  expect(web?.instances[0]?.volumesFrom).toEqual(["my-db:ro", "my-db", "my-db"]);
  expect(errors).toEqual([
    'services.web.volumes_from.3: volumes_from of web is not supported | accepted: "SERVICE" and "SERVICE:ro"; or mount the same volumes; or allow=volumes_from leaves it out',
  ]);
});
