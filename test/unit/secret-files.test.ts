import { describe, expect, test } from "bun:test";
import { keyedParts, labels } from "../../src/model/labels.ts";
import { changedParts } from "../../src/plan/changed-parts.ts";
import { findPlanErrors } from "../../src/plan/check-plan.ts";
import { partsOfVariables } from "../../src/plan/resolve/secret-files.ts";
import { withFileVolumes } from "../../src/runtime/instances/copy-files.ts";
import { observed, plan, started, startOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

const script = (options: string): string =>
  `import { file, required, service, variable } from "reyns";\nservice("web", { image: "i", ${options} });\n`;

const caller = { TOKEN: "token-0815", db: "by its name" };

async function planOf(options: string, values: Readonly<Record<string, string>> = caller) {
  await using folder = await projectFolder({
    "reyns.ts": script(options),
    "db.txt": "pass-4711\n",
  });
  const project = await folder.read();
  const sources = { caller: values, hostConf: { kept: "of host.conf" }, interfaces: {} };
  const planned = plan(project, { sources });
  return { project, planned, spec: startOf(planned.steps, "web-one").spec };
}

const textOf = (content = ""): string => Buffer.from(content, "base64").toString();

describe("where a secret comes from", () => {
  const standard = { path: "/run/secrets/db", mode: 0o444, uid: 0, gid: 0, secret: "db" };

  test.each([
    ['file("./db.txt")', "pass-4711\n", standard],
    [
      '{ file: "db.txt", target: "other", mode: 0o400, uid: 7, gid: 8 }',
      "pass-4711\n",
      { path: "/run/secrets/other", mode: 0o400, uid: 7, gid: 8, secret: "db" },
    ],
    [
      '{ ...file("db.txt"), target: "/etc/app/db.key" }',
      "pass-4711\n",
      { ...standard, path: "/etc/app/db.key" },
    ],
    ['{ environment: "TOKEN" }', "token-0815", standard],
    ['{ environment: "kept", mode: "0440" }', "of host.conf", { ...standard, mode: 0o440 }],
    ["required({ secret: true })", "by its name", standard],
    ["null", "by its name", standard],
    ['variable("NONE", "default")', "default", standard],
    ['variable("TOKEN", "default")', "token-0815", standard],
    ["async () => 'computed'", "computed", standard],
  ])("%s", async (given, content, expected) => {
    const { spec } = await planOf(`secrets: { db: ${given} }`);
    const [only, ...more] = spec.copiedFiles ?? [];
    expect({ ...only, content: textOf(only?.content) }).toEqual({ ...expected, content });
    expect(more).toEqual([]);
    expect(spec.env).toEqual((await planOf("")).spec.env);
  });

  test("one without a value is asked for, hidden, before anything starts", async () => {
    const options = 'secrets: { a: { environment: "NONE" }, b: required({ description: "of b" }) }';
    const { planned } = await planOf(options);
    expect(
      planned.missing.map(({ name, secret, description }) => [name, secret, description]),
    ).toEqual([
      ["NONE", true, undefined],
      ["b", true, "of b"],
    ]);
  });
});

describe("a secret is in no image", () => {
  test("its folder is a volume that goes with the container", async () => {
    const { spec } = await planOf(
      'secrets: { a: "1", b: "2", c: { content: "3", target: "/etc/app/c" } }',
    );
    const { mounts } = withFileVolumes(spec, "web-one");
    expect(mounts.filter(({ source }) => source === "").map(({ target }) => target)).toEqual([
      "/run/secrets",
      "/etc/app",
    ]);
  });

  test("a volume of the image, which stays, gets none", async () => {
    const { spec } = await planOf('secrets: { c: { content: "3", target: "/data/c" } }');
    const kept = { type: "volume", source: "shop-data", target: "/data", readOnly: false } as const;
    const withVolume = { ...spec, mounts: [...spec.mounts, kept] };
    expect(() => withFileVolumes(withVolume, "web-one")).toThrow(
      "web-one: the secret c would stay in /data, a volume of its image",
    );
  });
});

describe("a changed secret is a change of the definition", () => {
  const digestSecret = (value: string): string => `keyed ${Bun.hash(value)}`;

  async function changesBetween(before: string, after: string, missing: readonly string[] = []) {
    const [old, now] = [await planOf(before), await planOf(after)];
    const stated = JSON.parse(old.spec.labels[labels.definition] ?? "") as object;
    const definition = JSON.stringify({ ...stated, ...keyedParts(old.spec, digestSecret) });
    const existing = started(startOf(old.planned.steps, "web-one"), { definition });
    return changedParts(existing, startOf(now.planned.steps, "web-one"), {
      project: now.project,
      observed: observed({ digestSecret }),
      missing: partsOfVariables(missing, now.project.conf.instances[0]?.secrets),
      isDefined: () => false,
    });
  }

  test.each([
    ['"a"', '"a"', []],
    ['"a"', '"b"', ["secret db"]],
    ['"pass-4711\\n"', 'file("db.txt")', []],
    ['"a"', '{ content: "a", mode: 0o400 }', ["secret db"]],
  ])("%s to %s", async (before, after, expected) => {
    const changes = await changesBetween(`secrets: { db: ${before} }`, `secrets: { db: ${after} }`);
    expect(changes).toEqual(expected);
  });

  test("one that was answered at the first start is not compared without its value", async () => {
    const before = 'secrets: { db: { environment: "TOKEN" } }';
    const after = 'secrets: { db: { environment: "NONE" } }';
    expect(await changesBetween(before, after, ["NONE"])).toEqual([]);
  });

  test("no value is in a label", async () => {
    const { spec } = await planOf(
      'secrets: { db: file("db.txt"), token: { environment: "TOKEN" } }',
    );
    expect(JSON.stringify(spec.labels)).not.toMatch(/4711|0815|cGFzc|dG9rZW/);
  });
});

describe("mistakes at their places", () => {
  async function mistakesOf(options: string): Promise<string[]> {
    await using folder = await projectFolder({ "reyns.ts": script(options) });
    const mistakes = await folder.mistakes();
    if (mistakes.length > 0)
      return mistakes.map((text) => text.replace(/^reyns.ts:2:[3-9]\d /, "at: "));
    return findPlanErrors(await folder.read()).map(({ message, hint, at }) =>
      [`at: ${at?.path?.join(" ")}: ${message}`, hint].join(" | "),
    );
  }

  test.each([
    ['secrets: { "a b": "" }', 'invalid name of a secret "a b"'],
    ['secrets: { ".run": "" }', 'invalid name of a secret ".run"'],
    ["secrets: { a: 3 }", 'secrets.a is 3 | accepted: file("./PATH"), required()'],
    ['secrets: ["a"]', "secrets is a list | accepted: an object"],
    ['secrets: { a: file("none") }', "cannot read the file none: it does not exist"],
    ['secrets: { a: { file: "x", target: "../b" } }', "secrets.a.target is"],
    ['secrets: { a: { content: "x", target: "b/../c" } }', '"b/../c" is not the path of a file'],
    [
      'secrets: { a: { content: "x", target: "/etc/hosts" } }',
      "the Engine itself writes /etc/hosts",
    ],
    ['secrets: { a: { content: "x", targets: "b" } }', 'unknown key "targets"'],
    ['secrets: { a: { content: "x", target: "/a" } }', "secrets a: web-one: the secret a is in /"],
    ['secrets: { a: "x" }, volumes: ["s:/run/secrets"]', "the secret a is in /run/secrets, where"],
    [
      'secrets: { a: "x", b: { content: "y", target: "a" } }',
      "secrets b: web-one: the secret b has the path of another one",
    ],
    [
      'secrets: { A: "x" }, env: { A: required({ secret: true }) }',
      "the secret A has the path of the secret variable A",
    ],
    ['secrets: { a: "x" }, files: { "/run/secrets/a": "" }', "has the path of another one"],
  ])("%s", async (options, message) => {
    const [mistake, ...more] = await mistakesOf(options);
    expect(mistake).toStartWith("at: ");
    expect(mistake).toContain(message);
    expect(more).toEqual([]);
  });

  test("a tmpfs above the secrets is none", async () => {
    expect(await mistakesOf('secrets: { a: "x" }, tmpfs: "/run", readOnly: true')).toEqual([]);
  });
});
