import { describe, expect, test } from "bun:test";
import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import { findProject } from "../../src/project/locate.ts";
import { readHostConf, saveHostConf } from "../../src/project/host-conf.ts";
import { checkNames, checkProjectName, toValidName } from "../../src/model/host-names.ts";
import { guessProjectName } from "../../src/project/guess-name.ts";
import { projectFolder, thrownBy } from "./support/project-folder.ts";

const web = { "services/web/Dockerfile": "FROM reyns/reyns-base\n" };
const script = (body: string): string => `import { conf, project, service } from "reyns";\n${body}`;

describe("the selected conf", () => {
  const both = {
    ...web,
    "reyns.ts": script(
      'service("web", { instance: "script" }); conf("b", () => void service("web", { instance: "b" }));',
    ),
    "default.conf": '[{"service":"web","instance":"file"}]',
    "c.conf": '[{"service":"web","instance":"c"}]',
  };
  const cases: [Record<string, string>, string | undefined, string | string[]][] = [
    [both, undefined, ["script"]],
    [both, "b", ["b"]],
    [both, "c", ["c"]],
    [both, "c.conf", ["c"]],
    [{ ...web, "run.conf": '[{"service":"web","instance":"old"}]' }, undefined, ["old"]],
    [
      { ...web, "run.conf": "[]", "default.conf": '[{"service":"web","instance":"new"}]' },
      undefined,
      ["new"],
    ],
    [web, undefined, []],
    [both, "d", 'no conf "d" in this project | accepted: default, b, c'],
    [both, "../d", 'no conf "../d" in this project | accepted: default, b, c'],
  ];
  test.each(cases)("%# %j", async (files, conf, expected) => {
    await using project = await projectFolder(files);
    if (typeof expected === "string") {
      expect((await project.mistakes(conf))[0]).toStartWith(expected);
      return;
    }
    const read = await project.read(conf);
    expect(read.conf.instances.map(({ instance }) => instance as string)).toEqual(expected);
    expect(read.conf.sequential).toBe(read.conf.file?.endsWith(".conf") ?? false);
  });
});

describe("the project's name", () => {
  const cases: [string, string, Record<string, string>, string][] = [
    ["My Shop_2", "", {}, "my-shop-2"],
    ["shop", 'project("named");', {}, "named"],
    ["shop", 'project("named");', { PROJECT_NAME: "given" }, "given"],
    ["日本", "", {}, "project"],
  ];
  test.each(cases)("folder %j, %j, %j", async (folder, body, env, name) => {
    await using project = await projectFolder({ "reyns.ts": script(body) }, folder);
    const read = await project.read(undefined, env);
    expect(read).toMatchObject({ name, dataFolder: join(project.folder, `data_${name}`) });
    expect(await guessProjectName(await findProject(project.folder, env), env)).toBe(name);
  });

  const peeked: [string, string | undefined][] = [
    ['project("a");', "a"],
    ["project ( 'a-b' ) ;", "a-b"],
    ['// project("old")\nproject("a");', "a"],
    ['/* project("old") */', "shop"],
    ["project(name);", undefined],
    ["project(`a${1}`);", undefined],
    ['import { project as p } from "reyns"; p("a");', undefined],
    ['import "./more.ts";', undefined],
    ['project("a"); service("x", { volumes: ["./d:/d"] });', "a"],
    ['project("a"); import("./more.ts");', undefined],
    ["", "shop"],
  ];
  test.each(peeked)("is guessed without running %j", async (text, name) => {
    await using project = await projectFolder({ "reyns.ts": text });
    expect(await guessProjectName(await findProject(project.folder, {}), {})).toBe(name as string);
  });

  test("DATA_DIR sets the data folder", async () => {
    await using project = await projectFolder({ "reyns.ts": "" });
    expect((await project.read(undefined, { DATA_DIR: "/srv/x" })).dataFolder).toBe("/srv/x");
    const beside = await project.read(undefined, { DATA_DIR: "../x" });
    expect(beside.dataFolder).toBe(join(project.folder, "../x"));
  });

  const wrong = ["Shop", "a_b", "-a", "a-", "", "a b", "ä", "a\n", "x".repeat(64)];
  test.each(wrong)("rejects %j", (name) => {
    expect(thrownBy(() => checkProjectName(name))[0]).toMatchObject({ code: "INVALID_VALUE" });
  });
});

describe("names", () => {
  const folders: [string, string][] = [
    ["shop", "shop"],
    ["--My Shop!--", "my-shop"],
    ["Ünï", "n"],
    ["", "project"],
    [`${"a".repeat(62)}-b`, "a".repeat(62)],
    ["x".repeat(1000), "x".repeat(63)],
  ];
  test.each(folders)("derive from the folder %j", (folder, name) => {
    expect(toValidName(folder)).toBe(name);
    expect(checkProjectName(toValidName(folder))).toBe(name);
  });

  const pairs: [string, string | undefined, number][] = [
    ["a", "b", 0],
    ["a", undefined, 0],
    ["0", "9-9", 0],
    ["s".repeat(31), "i".repeat(31), 0],
    ["s".repeat(32), "i".repeat(31), 1],
    ["s".repeat(63), undefined, 1],
    ["A", "b_c", 2],
    ["a.b", "*", 2],
    ["", "", 2],
    ["a\0", "a/..", 2],
  ];
  test.each(pairs)("%j %j: %d mistakes", (service, instance, count) => {
    expect(checkNames(service, instance)).toHaveLength(count);
  });
});

describe("service folders", () => {
  test("need a Dockerfile; NAME_custom replaces NAME; their files are read", async () => {
    await using project = await projectFolder({
      ...web,
      "services/web_custom/Dockerfile":
        "# reyns: expose 80 as 8080\n# reyns: privileged\nARG BUILDING_UID\nFROM shop/db\n",
      "services/web_custom/prestartup_web.sh": "",
      "services/web_custom/required_env_vars.json": '{"A": null, "B": 7}',
      "services/web_custom/no_autobuild": "",
      "services/db/Dockerfile": "FROM scratch\n",
      "services/db/required_env_vars.json": '["A"] # needed',
      "services/notes/README": "",
      "services/.hidden/Dockerfile": "FROM a\n",
      "services/file": "",
    });
    const { services } = await project.read();
    expect([...services.keys()].toSorted()).toEqual([
      "db",
      "reyns-base",
      "reyns-common",
      "reyns-dns",
      "reyns-router",
      "web",
    ]);
    const required = { kind: "required", secret: false, description: undefined };
    expect(services.get("web")).toEqual({
      name: "web",
      folder: join(project.folder, "services/web_custom"),
      image: "shop/web",
      parents: ["shop/db"],
      ports: [{ container: 80, host: 8080, protocol: "tcp" }],
      privileged: true,
      buildArguments: ["BUILDING_UID"],
      repeatable: true,
      requiredVariables: {
        A: required,
        B: { kind: "variable", name: "B", text: "7", looksFixed: true },
      } as never,
      prestartup: "prestartup_web.sh",
      noAutobuild: true,
    });
    expect(services.get("db")).toMatchObject({ parents: [], requiredVariables: { A: required } });
  });

  test("mistakes in them are reported with those of the conf", async () => {
    await using project = await projectFolder({
      "services/web/Dockerfile": "FROM a\n# reyns: exposed 80\n",
      "services/web/prestartup_a.sh": "",
      "services/web/prestartup_b.sh": "",
      "services/web/required_env_vars.json": '["A"',
      "services/db/required_env_vars.json": "[7]",
      "services/db/Dockerfile": "FROM a\n#reyns: expose 0",
      "services/Bad_Name/Dockerfile": "FROM a\n",
      "default.conf": '[{"service":"wob"}]',
    });
    const mistakes = await project.mistakes();
    const expected = [
      'services/Bad_Name invalid service name "Bad_Name"',
      'services/db/Dockerfile:2 invalid port in "reyns: expose 0"',
      "services/db/required_env_vars.json:1:2 the value is 7 | accepted: a string",
      'services/web/Dockerfile:2 unknown annotation "reyns: exposed 80" | accepted: expose PORT',
      "services/web/required_env_vars.json:1:5 not valid JSON: close bracket expected",
      "services/web several prestartup scripts: prestartup_a.sh, prestartup_b.sh",
      'default.conf:1:3 no service "wob"',
    ];
    for (const [index, start] of expected.entries()) expect(mistakes[index]).toStartWith(start);
    expect(mistakes).toHaveLength(7);
  });
});

describe("host.conf", () => {
  test("reads strings, numbers and booleans; saving keeps other values", async () => {
    await using project = await projectFolder({
      "host.conf": '{ // mine\n "A": "x", "N": 7, "B": true, "L": [1], "O": {}, "Z": null, }',
    });
    const file = join(project.folder, "host.conf");
    await chmod(file, 0o644);
    expect(readHostConf(project.folder)).toEqual({ A: "x", N: "7", B: "true" });
    saveHostConf(project.folder, { A: 'it\'s "y"\n', ü: "" });
    expect(readHostConf(project.folder)).toEqual({ A: 'it\'s "y"\n', N: "7", B: "true", ü: "" });
    expect(await Bun.file(file).json()).toMatchObject({ L: [1], O: {}, Z: null });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test("is optional, and has to be an object", async () => {
    await using project = await projectFolder({});
    expect(readHostConf(project.folder)).toEqual({});
    saveHostConf(project.folder, {});
    await project.write({ "host.conf": "[]" });
    expect(thrownBy(() => readHostConf(project.folder))[0]).toMatchObject({
      code: "INVALID_PROJECT",
      message: "host.conf is not a JSON object",
      at: { line: 1, column: 1 },
    });
    const refused = thrownBy(() => saveHostConf(project.folder, { A: "x" }));
    expect(refused[0]?.code).toBe("INVALID_PROJECT");
    expect(await Bun.file(join(project.folder, "host.conf")).text()).toBe("[]");
  });
});

test("a project is frozen", async () => {
  await using project = await projectFolder({ ...web, "default.conf": '[{"service":"web"}]' });
  const read = await project.read();
  for (const part of [read, read.conf, read.conf.instances[0]])
    expect(Object.isFrozen(part)).toBe(true);
});
