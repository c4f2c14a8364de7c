import { describe, expect, test } from "bun:test";
import type { Mount } from "../../src/model/container-spec.ts";
import { volumeNameOf } from "../../src/model/resource-names.ts";
import type { InstanceDefinition } from "../../src/model/project.ts";
import type { Properties } from "../../src/model/properties.ts";
import { plan, projectOf, startOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

const data = "/home/me/shop/data_shop";

function startWith(definition: Partial<InstanceDefinition>) {
  return startOf(plan(projectOf([{ service: "db", ...definition }])).steps, "db-one");
}

/** Without the project's keys, which every instance has. */
function mountsWith(definition: Partial<InstanceDefinition>): Mount[] {
  return startWith(definition).spec.mounts.filter(
    ({ target }) => !target.startsWith("/etc/reyns/keys/"),
  );
}

const volume = (name: string): string => volumeNameOf(projectOf([]), name);

describe("persistent folders", () => {
  const rows: [keyof Properties, string, string][] = [
    ["persistentData", "/data", `${data}/db-one/data`],
    ["persistentOpt", "/opt", `${data}/db-one/opt`],
    ["persistentLog", "/var/log", `${data}/db-one/log`],
    ["persistentHome", "/home", `${data}/db-one/home`],
  ];
  test.each(rows)("%s keeps %s in a folder of the host", (property, target, source) => {
    const { persistent, folders } = startWith({ properties: { [property]: true } });
    expect(mountsWith({ properties: { [property]: true } })).toEqual([
      { type: "bind", source, target, readOnly: false },
    ]);
    expect(persistent).toEqual([{ hostPath: source, path: target }]);
    expect(folders).toEqual([source]);
  });

  test.each(rows)("%s with safePersistency keeps %s in a volume", (property, target, source) => {
    const properties = { [property]: true, safePersistency: true };
    const name = source.split("/").at(-1);
    expect(mountsWith({ properties })).toEqual([
      { type: "volume", source: volume(`db-one-${name}`), target, readOnly: false },
    ]);
    // The Engine itself fills it.
    expect(startWith({ properties })).toMatchObject({ persistent: [], folders: [] });
  });

  test("/shared is one folder for all instances, and starts empty", () => {
    const properties = { persistentShared: true, safePersistency: true };
    expect(mountsWith({ properties })).toEqual([
      { type: "bind", source: `${data}/shared`, target: "/shared", readOnly: false },
    ]);
    expect(startWith({ properties })).toMatchObject({
      persistent: [],
      folders: [`${data}/shared`],
    });
  });
});

describe("volumes", () => {
  const rows: [string, Mount, string[]][] = [
    [
      "$PROJECT_DIR/x:/x",
      { type: "bind", source: "/home/me/shop/x", target: "/x", readOnly: false },
      ["/home/me/shop/x"],
    ],
    [
      "$PROJECT_DIR:/x:ro",
      { type: "bind", source: "/home/me/shop", target: "/x", readOnly: true },
      [],
    ],
    [
      "./x:/x:rw",
      { type: "bind", source: "/home/me/shop/x", target: "/x", readOnly: false },
      ["/home/me/shop/x"],
    ],
    ["/srv/x:/x", { type: "bind", source: "/srv/x", target: "/x", readOnly: false }, []],
    ["pool:/x", { type: "volume", source: volume("pool"), target: "/x", readOnly: false }, []],
    [
      "$TEMP_VOLUME:/x",
      { type: "volume", source: volume("db-one-tmp"), target: "/x", readOnly: false },
      [],
    ],
    [
      "$TEMP_VOLUME/:/x",
      { type: "volume", source: volume("db-one-tmp"), target: "/x", readOnly: false },
      [],
    ],
  ];
  test.each(rows)("%s", (text, mount, folders) => {
    expect(mountsWith({ volumes: [text] })).toEqual([mount]);
    expect(startWith({ volumes: [text] }).folders).toEqual(folders);
  });

  test("only temporary ones are removed with the instance", () => {
    expect(startWith({ volumes: ["pool:/x"] }).temporaryVolume).toBeUndefined();
    expect(startWith({ volumes: ["$TEMP_VOLUME:/x"] }).temporaryVolume).toBe(volume("db-one-tmp"));
  });

  test("a folder name with $ is not expanded", async () => {
    await using project = await projectFolder(
      {
        "services/db/Dockerfile": "FROM reyns/reyns-base\n",
        "default.conf": `[ { "service": "db", "instance": "one", "volumes": "$PROJECT_DIR/x:/x" } ]`,
      },
      "a$&b",
    );
    const { spec } = startOf(plan(await project.read()).steps, "db-one");
    expect(spec.mounts.map(({ source }) => source)).toContain(`${project.folder}/x`);
  });

  const options: [string, Partial<Mount>][] = [
    ["./x:/x:rw", { readOnly: false }],
    ["./x:/x:ro,z", { readOnly: true, selinux: "z" }],
    ["./x:/x:Z", { readOnly: false, selinux: "Z" }],
    ["./x:/x:rslave,ro", { readOnly: true, propagation: "rslave" }],
    ["./x:/x:cached", { readOnly: false }],
    ["./x:/x:delegated,ro", { readOnly: true }],
    ["./x:/x:consistent", { readOnly: false }],
    ["pool:/x:nocopy", { readOnly: false, noCopy: true }],
    ["pool:/x:z", { readOnly: false, selinux: "z" }],
  ];
  test.each(options)("%s", (text, expected) => {
    const isVolume = text.startsWith("pool");
    const source = isVolume ? volume("pool") : "/home/me/shop/x";
    const type = isVolume ? ("volume" as const) : ("bind" as const);
    expect(mountsWith({ volumes: [text] })).toEqual([
      { type, source, target: "/x", readOnly: false, ...expected },
    ]);
    expect(mountsWith({ extraArgs: `-v ${text}` })).toEqual(mountsWith({ volumes: [text] }));
  });

  test("extraArgs reports an option that Docker does not have", () => {
    expect(() => mountsWith({ extraArgs: "-v ./x:/x:rx" })).toThrow('--volume is "./x:/x:rx"');
  });

  test("a list in a .conf is split between mounts, not between their options", async () => {
    await using project = await projectFolder({
      "services/db/Dockerfile": "FROM reyns/reyns-base\n",
      "default.conf": `[{ "service": "db", "volumes": "./a:/a:ro,z, b:/b , c:/c:nocopy,rw,d:/d" }]`,
    });
    const { conf } = await project.read();
    expect(conf.instances[0]?.volumes).toEqual(["./a:/a:ro,z", "b:/b", "c:/c:nocopy,rw", "d:/d"]);
  });

  const wrong = [
    ...["./x:/x:nocopy", "x:/x:shared", "./x:/x:ro,rw", "./x:/x:z,Z", "./x:/x:z,z", "./x:/x:"],
    "/x",
    "x",
    "$DATA/x:/x",
    "x:y",
    "a:b:/c",
    "x:/x:rx",
    ":/x",
    "$TEMP_VOLUMES:/x",
  ];
  test.each(wrong)("%s is rejected", async (text) => {
    await using project = await projectFolder({
      "services/db/Dockerfile": "FROM reyns/reyns-base\n",
      "default.conf": JSON.stringify([{ service: "db", instance: "one", volumes: text }]),
    });
    const [mistake, ...more] = await project.mistakes();
    expect(mistake).toStartWith(`default.conf:1:35 invalid volume "${text}"`);
    expect(more).toEqual([]);
  });
});
