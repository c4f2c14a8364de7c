import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { keyedParts, labels } from "../../src/model/labels.ts";
import { changedParts } from "../../src/plan/changed-parts.ts";
import { reportPlan } from "../../src/plan/plan-report.ts";
import { withFileVolumes } from "../../src/runtime/instances/copy-files.ts";
import { observed, plan, started, startOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

const script = (options: string): string =>
  `import { file, service } from "reyns";\nservice("web", { image: "i", ${options} });\n`;

async function specWith(options: string, files: Readonly<Record<string, string>> = {}) {
  await using folder = await projectFolder({ "reyns.ts": script(options), ...files });
  const project = await folder.read();
  return { project, step: startOf(plan(project).steps, "web-one") };
}

const textOf = (content: string | undefined): string =>
  Buffer.from(content ?? "", "base64").toString();

describe("what a definition gives to a container", () => {
  test("without files, nothing is different from before", async () => {
    const { step } = await specWith("");
    expect("copiedFiles" in step.spec).toBe(false);
  });

  test.each([
    ['"a\\nü"', "a\nü", { mode: 0o644, uid: 0, gid: 0 }],
    ['{ content: "x", mode: "0600", uid: 7, gid: 8 }', "x", { mode: 0o600, uid: 7, gid: 8 }],
    ['file("./conf/app.conf")', "of the project", { mode: 0o644, uid: 0, gid: 0 }],
    ['{ file: "conf/app.conf", gid: 5 }', "of the project", { mode: 0o644, uid: 0, gid: 5 }],
    ['file("./conf/app.conf", { mode: 0o440 })', "of the project", { mode: 0o440 }],
    ["async () => 'later'", "later", {}],
  ])("%s", async (given, content, owner) => {
    const { step } = await specWith(`files: { "/etc/app.conf": ${given} }`, {
      "conf/app.conf": "of the project",
    });
    const [only, ...more] = step.spec.copiedFiles ?? [];
    expect(only).toMatchObject({ path: "/etc/app.conf", ...owner });
    expect(textOf(only?.content)).toBe(content);
    expect(more).toEqual([]);
  });

  test("an executable file of the project stays executable", async () => {
    await using folder = await projectFolder({
      "reyns.ts": script('files: { "/up.sh": file("up.sh") }'),
      "up.sh": "#!/bin/sh\n",
    });
    chmodSync(join(folder.folder, "up.sh"), 0o700);
    const { steps } = plan(await folder.read());
    expect(startOf(steps, "web-one").spec.copiedFiles).toMatchObject([{ mode: 0o755 }]);
  });
});

describe("a change of a file is a change of the definition", () => {
  const digestSecret = (value: string): string => `keyed ${value.length} ${Bun.hash(value)}`;
  const seen = observed({ digestSecret });

  async function changesBetween(before: string, after: string, hasOldKeys = false) {
    const [old, now] = [await specWith(before), await specWith(after)];
    const digests = { ...keyedParts(old.step.spec, digestSecret) };
    const stated = JSON.parse(old.step.spec.labels[labels.definition] ?? "") as object;
    const definition = JSON.stringify({ ...stated, ...digests });
    const changes = changedParts(started(old.step, { definition, hasOldKeys }), now.step, {
      project: now.project,
      observed: seen,
      missing: [],
      isDefined: () => false,
    });
    return { changes, step: now.step };
  }

  test.each([
    ['"a"', '"a"', []],
    ['"a"', '"b"', ["file /etc/x"]],
    ['{ content: "a", mode: 0o600 }', '"a"', ["file /etc/x"]],
    ['{ content: "a", uid: 1 }', '{ content: "a", uid: 2 }', ["file /etc/x"]],
  ])("%s to %s", async (before, after, expected) => {
    const files = (given: string): string => `files: { "/etc/x": ${given} }`;
    const { changes } = await changesBetween(files(before), files(after));
    expect(changes).toEqual(expected);
  });

  test("files that come and go are named, and no content is in the plan", async () => {
    const { changes, step } = await changesBetween(
      'files: { "/etc/old": "pass-4711", "/etc/both": "pass-4712" }',
      'files: { "/etc/new": "pass-4713", "/etc/both": "pass-4714" }',
    );
    expect(changes.toSorted()).toEqual(["file /etc/both", "file /etc/new", "file /etc/old"]);
    const mask = "********";
    const before = { "file /etc/both": mask, "file /etc/old": mask };
    const runPlan = { ...plan((await specWith("")).project), steps: [step] };
    const [action] = reportPlan(
      { ...runPlan, changes: new Map([["web-one", changes]]) },
      new Map([["web-one", before]]),
    );
    expect(action?.changes.toSorted((a, b) => a.field.localeCompare(b.field))).toEqual([
      { field: "file /etc/both", before: mask, after: mask },
      { field: "file /etc/new", before: null, after: mask },
      { field: "file /etc/old", before: mask, after: null },
    ]);
    expect(step.spec.labels[labels.definition]).not.toContain("file /etc");
  });

  test("digests under other keys are not compared", async () => {
    const { changes } = await changesBetween(
      'files: { "/etc/x": "a" }',
      'files: { "/etc/x": "b" }',
      true,
    );
    expect(changes).toEqual(["keys"]);
  });
});

describe("a read-only container has a volume in the place of each file's folder", () => {
  test("but not where a volume is already", async () => {
    const { step } = await specWith(
      'readOnly: true, volumes: ["data:/var/lib"], files: { "/etc/a": "1", "/etc/b": "2", "/srv/x/c": "3", "/var/lib/d": "4" }',
    );
    const { mounts } = withFileVolumes(step.spec, "web-one");
    expect(mounts.filter(({ source }) => source === "").map(({ target }) => target)).toEqual([
      "/etc",
      "/srv/x",
    ]);
  });

  test("and a writable one has none", async () => {
    const { step } = await specWith('files: { "/etc/a": "1" }');
    expect(withFileVolumes(step.spec, "web-one")).toBe(step.spec);
  });
});

describe("mistakes at their places", () => {
  async function mistakeOf(options: string): Promise<string[]> {
    await using folder = await projectFolder({ "reyns.ts": script(options), "a b": "x" });
    mkdirSync(join(folder.folder, "conf"));
    await must("mkfifo", join(folder.folder, "pipe"));
    await must("truncate", "-s", "9M", join(folder.folder, "large"));
    const mistakes = await folder.mistakes();
    if (mistakes.length > 0) return mistakes;
    const project = await folder.read();
    const { findPlanErrors } = await import("../../src/plan/check-plan.ts");
    return findPlanErrors(project).map(({ message, hint, at }) =>
      [at?.path?.join(" "), message, hint].join(" | "),
    );
  }

  test.each([
    ['files: { "etc/x": "" }', '"etc/x" is not the path of a file in the container'],
    ['files: { "/etc/": "" }', '"/etc/" is not the path of a file in the container'],
    ['files: { "/a/../b": "" }', '"/a/../b" is not the path of a file in the container'],
    ['files: { "/etc/hosts": "" }', "the Engine itself writes /etc/hosts | use extraHosts"],
    ['files: { "/proc/x": "" }', "/proc/x is not on a disk"],
    ['files: { "/x": 3 }', "files./x is 3 | accepted: the content as a string"],
    ['files: { "/x": { content: 3 } }', "files./x.content is 3 | accepted: a string"],
    ['files: { "/x": { file: "a b", modes: 1 } }', 'unknown key "modes"'],
    ['files: { "/x": file("a b", { mode: 644 }) }', "files./x.mode is 644 | accepted: permissions"],
    ['files: { "/x": file("a b", { uid: -1 }) }', "files./x.uid is -1 | accepted: the number"],
    ['files: { "/x": file("none") }', "cannot read the file none: it does not exist"],
    ['files: { "/x": file("conf") }', "cannot read the file conf: it is a folder"],
    ['files: { "/x": file("pipe") }', "cannot read the file pipe: it is not a regular file"],
    ['files: { "/x": file("large") }', "cannot read the file large: it is larger than 8 MiB"],
    ['files: { "/x": "y".repeat(9e6) }', "the content is larger than 8 MiB"],
    ['files: ["/x"]', "files is a list | accepted: an object"],
    ['configs: ["x"]', 'write files: { "/PATH": file("./FILE") }'],
  ])("%s", async (options, message) => {
    const [mistake, ...more] = await mistakeOf(options);
    expect(mistake).toContain(message);
    expect(mistake).toMatch(/^reyns.ts:2:[3-9]\d /);
    expect(more).toEqual([]);
  });

  test.each([
    ['tmpfs: "/run"', "/run/x", "is in /run, which is in memory and empty at each start"],
    [
      'volumes: ["./conf:/etc/app"]',
      "/etc/app/x",
      "is in /etc/app, which is mounted from the host",
    ],
    ['volumes: ["./a b:/etc/app"]', "/etc/app", "is in /etc/app, which is mounted from the host"],
    ['volumes: ["data:/data:ro"]', "/data/x", "is in /data, a read-only volume"],
    ["persistentData: true", "/data/x", "is in /data, which is mounted from the host"],
    ["readOnly: true", "/x", "is in /, which is read-only here"],
  ])("%s and a file %s", async (options, path, message) => {
    const mistakes = await mistakeOf(`${options}, files: { "${path}": "" }`);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toStartWith(`files ${path} | web-one: the file ${path} ${message}`);
  });

  test("a path that is given as the content is a warning", async () => {
    const { project } = await specWith('files: { "/x": "./app.conf" }', { "app.conf": "" });
    expect(plan(project).warnings).toEqual([
      'web-one: /x contains the text "./app.conf"; to copy that file, write file("./app.conf")',
    ]);
  });
});
