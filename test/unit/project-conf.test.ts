import { describe, expect, test } from "bun:test";
import { parseJsonc } from "../../src/project/jsonc.ts";
import type { InstanceDefinition } from "../../src/model/project.ts";
import { projectFolder, thrownBy } from "./support/project-folder.ts";

const web = { "services/web/Dockerfile": "FROM reyns/reyns-base\n" };
const long = "x".repeat(60);

async function instancesOf(conf: string): Promise<readonly InstanceDefinition[]> {
  await using project = await projectFolder({ ...web, "default.conf": conf });
  const { conf: read } = await project.read();
  return read.instances;
}

async function mistakesIn(conf: string): Promise<string[]> {
  await using project = await projectFolder({ ...web, "default.conf": conf });
  return await project.mistakes();
}

test("a conf sets every field of an instance", async () => {
  const [first, second] = await instancesOf(`# "a comment"
    // [ another
    [ { "service": "web", "instance": "one", "instance_type": "master", "group": "node1", /* # */
        "autorun": "False", "sleep": 1.5, "linked": true, "publish_ports": "True",
        "persistent_data": false, "persistent_opt": "true", "persistent_log": "false", "persistent_home": true,
        "links": [ "reyns-dns-*:dns", { "name": "MYAPP", "service": "app", "instance": null }, ],
        "env_vars": { "A": "x # y // z", "N": 7, "B": true, "ASK": null },
        "volumes": "$PROJECT_DIR/x:/x, data:/data:ro", "hostname": "h", "privileged": true },
      { "service": "web", "instance": null, "group": null, "volumes": null, "hostname": null } ]`);
  expect(first as object).toEqual({
    service: "web",
    instance: "one",
    instanceType: "master",
    group: "node1",
    autorun: false,
    image: undefined,
    links: [
      { name: "dns", target: { host: "reyns-dns-*" } },
      { name: "MYAPP", target: { service: "app", instance: null } },
    ],
    after: [],
    env: {
      A: { kind: "variable", name: "A", text: "x # y // z", looksFixed: true },
      N: { kind: "variable", name: "N", text: "7", looksFixed: true },
      B: { kind: "variable", name: "B", text: "true", looksFixed: true },
      ASK: { kind: "required", secret: false, description: undefined },
    },
    sleep: 1.5,
    versions: 5,
    properties: {
      linked: true,
      publishPorts: true,
      persistentData: false,
      persistentOpt: true,
      persistentLog: false,
      persistentHome: true,
    },
    command: undefined,
    volumes: ["$PROJECT_DIR/x:/x", "data:/data:ro"],
    ports: [],
    hostname: "h",
    privileged: true,
    ready: undefined,
    at: expect.objectContaining({ line: 3, column: 7 }) as object,
  });
  expect(second).toMatchObject({
    instance: undefined,
    group: undefined,
    autorun: true,
    volumes: [],
    sleep: 0,
  });
});

describe("mistakes are reported at their places", () => {
  const wrong: [string, string[]][] = [
    ['{"service":"web"}', ["default.conf:1:1 a conf has to be a list of instances | write"]],
    ["", ["default.conf:1:1 not valid JSON: value expected"]],
    ['[\n  {"service" "web"}]', ["default.conf:2:14 not valid JSON: colon expected"]],
    ["[null]", ["default.conf:1:2 the value is null | accepted: an object"]],
    ['["web"]', ['default.conf:1:2 the value is "web" | accepted: an object']],
    ['[{"instance":"x"}]', ['default.conf:1:2 "service" is missing | add service']],
    ['[{"service":""}]', ['default.conf:1:3 service is "" | accepted: a string that is not empty']],
    ['[{"service":7}]', ["default.conf:1:3 service is 7 | accepted: a string"]],
    [
      '[\r\n#x\r\n {"service":"web","sleeep":1}]',
      ['default.conf:3:19 unknown key "sleeep" | did you mean "sleep"?'],
    ],
    [
      '[{"service":"web","instance":"a","instance":"b"}]',
      ['default.conf:1:34 duplicate key "instance"'],
    ],
    [
      '[{"service":"web","instance_type":"mastr"}]',
      ['default.conf:1:19 instance_type is "mastr" | accepted: "standard" or "published"'],
    ],
    [
      '[{"service":"web","linked":"maybe"}]',
      ['default.conf:1:19 linked is "maybe" | accepted: true or false'],
    ],
    [
      '[{"service":"web","sleep":-1}]',
      ["default.conf:1:19 sleep is -1 | accepted: seconds, 0 or more"],
    ],
    [
      '[{"service":"web","links":["db"]}]',
      ['default.conf:1:28 links is "db" | accepted: "HOST:NAME"'],
    ],
    [
      '[{"service":"web","links":[{"nam":"a","service":"web","instance":null}]}]',
      [
        'default.conf:1:28 "links.name" is missing | add name',
        'default.conf:1:29 unknown key "nam" | did you mean "name"?',
      ],
    ],
    [
      '[{"service":"web","links":[{"name":"a b\\n","service":"web","instance":null}]}]',
      ['default.conf:1:28 invalid link name "a b\n"'],
    ],
    [
      '[{"service":"web","env_vars":{"O":{}}}]',
      [
        "default.conf:1:31 env_vars.O is an object | accepted: a string or a number or true or false",
      ],
    ],
    [
      '[{"service":"web","env_vars":{"A=B":"x","":"y","Z":"\\u0000"}}]',
      [
        'default.conf:1:31 invalid variable name "A=B"',
        'default.conf:1:41 invalid variable name ""',
        "default.conf:1:48 the value of Z contains a NUL",
      ],
    ],
    [
      '[{"service":"web","volumes":"/x,data:rel,$TEMP_VOLUME/x:/t,a:/b:rx, ok:/ok,$TEMP_VOLUME:/t"}]',
      ["/x", "data:rel", "$TEMP_VOLUME/x:/t", "a:/b:rx"].map(
        (text) => `default.conf:1:19 invalid volume "${text}" | write`,
      ),
    ],
    [
      '[{"service":"Web_1"}]',
      [
        'default.conf:1:3 invalid service name "Web_1" | use lower case letters, digits and inner hyphens: "web-1"',
      ],
    ],
    [
      '[{"service":"web","instance":"ONE"},\n{"service":"web","instance":"ünï"}]',
      [
        'default.conf:1:19 invalid instance name "ONE"',
        'default.conf:2:18 invalid instance name "ünï"',
      ],
    ],
    [
      `[{"service":"web","instance":"${long}"}]`,
      [`default.conf:1:3 host name "web-${long}" has 64 characters; at most 63 are allowed`],
    ],
    [
      '[{"service":"nope","instance":"a"}]',
      [
        'default.conf:1:3 no service "nope": services/nope/Dockerfile does not exist | accepted: web; or create it, or set image or build',
      ],
    ],
    [
      '[{"service":"web","instance":"a"},\n {"service":"web","instance":"a"}]',
      ['default.conf:2:19 "web-a" is defined twice, first in line 1'],
    ],
  ];
  test.each(wrong)("%s", async (conf, expected) => {
    const mistakes = await mistakesIn(conf);
    expect(mistakes).toHaveLength(expected.length);
    for (const [index, start] of expected.entries()) expect(mistakes[index]).toStartWith(start);
  });

  test("a value that only a later check finds wrong is reported at its key, not at its instance", async () => {
    const entry = `[{"service":"reyns-dns","instance":"main",
"env_vars":{"ADDRESS":"x",
"DNS_TTL":"soon"}},
{"service":"web",
"links":["web:other",
{"name":"a b","service":"web","instance":null}]}]`;
    const places = (await mistakesIn(entry)).map((mistake) => mistake.split(" ")[0]);
    expect(places).toEqual(["default.conf:3:1", "default.conf:6:1"]);
  });

  test("a thousand mistakes are reported at once", async () => {
    const entries = Array.from({ length: 1000 }, (_, index) => `{"service":"web","x${index}":1}`);
    expect(await mistakesIn(`[${entries.join(",\n")}]`)).toHaveLength(1000);
  });
});

describe("JSON with comments", () => {
  const right: [string, unknown][] = [
    ['["#", "//", "/*", "\\"#"] # it\'s "over"', ["#", "//", "/*", '"#']],
    ["[1, 2,] // end", [1, 2]],
    ['\uFEFF{"a": 1,}', { a: 1 }],
    ['{"a": "ü # 日本"}#', { a: "ü # 日本" }],
  ];
  test.each(right)("%s", (text, value) => expect(parseJsonc(text, "x").value).toEqual(value));

  test("duplicate keys are found at any depth", () => {
    const errors = thrownBy(() => parseJsonc('[{"a":{"b":1,\n"b":2},"a":3}]', "x"));
    expect(errors.map(({ at }) => at)).toEqual([
      { file: "x", line: 2, column: 8 },
      { file: "x", line: 2, column: 1 },
    ]);
  });
});
