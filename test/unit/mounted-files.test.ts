// Files of the project that instances mount: what is in them is a part of the definition.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, realpath, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { keyedParts } from "../../src/model/labels.ts";
import { mountedPaths } from "../../src/plan/describe/mounted-files.ts";
import { reportPlan } from "../../src/plan/plan-report.ts";
import { plainSelection } from "../../src/plan/select/selection.ts";
import { digestFiles } from "../../src/runtime/host/mounted-files.ts";
import { formatActions } from "../../src/ui/views/plan.ts";
import { observed, plan, projectOf, startOf, started } from "./support/planning.ts";

const file = "/home/me/shop/nginx.conf";
const project = projectOf([
  {
    service: "web",
    image: "nginx",
    volumes: ["./nginx.conf:/a:ro", "./w.conf:/b", "./x/:/c:ro"],
  },
  { service: "db", image: "nginx" },
]);
const digestSecret = (value: string): string => `keyed ${value}`;
const files = (text: string) => new Map([[file, text]]);
const first = plan(project, { files: files("1") });

/** Both instances, as the run that wrote `recorded` into the label of web has left them. */
function existing(recorded: Record<string, string>, given: Parameters<typeof started>[1] = {}) {
  return ["web-one", "db-one"].map((host) => {
    const step = startOf(first.steps, host);
    const own = host === "web-one" ? recorded : {};
    const labelled = started(step).definition ?? "{}";
    const definition = JSON.stringify({ ...(JSON.parse(labelled) as object), ...own });
    return started(step, { definition, ...given });
  });
}

const recordedAs = (text: string): Record<string, string> =>
  keyedParts({ files: { "file ./nginx.conf": text } }, digestSecret);
const planAgain = (text: string | undefined, instances = existing(recordedAs("1"))) =>
  plan(project, {
    files: text === undefined ? new Map() : files(text),
    observed: observed({ instances, images: ["nginx"], digestSecret }),
  });

describe("the plan", () => {
  test("replaces the instance whose mounted file has changed, and names the file", () => {
    expect(planAgain("1").steps.filter(({ kind }) => kind !== "await-instance")).toEqual([]);
    const changed = planAgain("2");
    expect(changed.starts).toEqual(["web-one"]);
    expect(startOf(changed.steps, "web-one").reason).toBe("changed: file ./nginx.conf");
    const [action, ...others] = reportPlan(changed, new Map());
    expect(others).toEqual([]);
    expect(action?.changes).toEqual([{ field: "file ./nginx.conf", before: null, after: null }]);
    expect(Bun.stripANSI(formatActions(action ? [action] : []))).toBe(
      "~ replace  web-one  changed\n    file ./nginx.conf",
    );
  });

  test("leaves instances alone whose container has recorded no file, or another version's", () => {
    expect(planAgain("2", existing({})).starts).toEqual([]);
    expect(planAgain("2", existing({ "file ./old.conf": "1" })).starts).toEqual([]);
  });

  test("leaves them alone where the file cannot be read any more, or the keys are others", () => {
    expect(planAgain(undefined).starts).toEqual([]);
    const rotated = planAgain("2", existing(recordedAs("1"), { hasOldKeys: true }));
    expect(startOf(rotated.steps, "web-one").reason).toBe("changed: keys");
  });

  test("reads what is mounted read-only from the project, by extra_args too", () => {
    const given = (volumes: string[], extraArgs?: string) =>
      mountedPaths(projectOf([{ service: "a", volumes, extraArgs }]), []);
    expect(given(["./a:/a:ro", "./b:/b", "c:/c:ro", "/etc/hosts:/d:ro"])).toEqual([
      "/home/me/shop/a",
    ]);
    expect(given(["./a:/a:ro"], "-v $PROJECT_DIR/e:/e:ro -v ./a:/f")).toEqual(["/home/me/shop/e"]);
    expect(given(["./.reyns/keys/tsig.key:/k:ro", "./data_shop/x/y:/y:ro"])).toEqual([]);
    const selection = { ...plainSelection("a"), extraArgs: "-v ./s:/s:ro" };
    expect(mountedPaths(projectOf([]), [selection])).toEqual(["/home/me/shop/s"]);
    expect(given([], "--no-such-option")).toEqual([]);
  });
});

describe("of the files", () => {
  let outer = "";
  let folder = "";
  beforeAll(async () => {
    outer = await realpath(await mkdtemp(join(tmpdir(), "reyns-files-")));
    folder = join(outer, "shop");
    await mkdir(join(folder, "sub"), { recursive: true });
    await writeFile(join(outer, "outside"), "secret");
    await writeFile(join(folder, "a.conf"), "a");
    await writeFile(join(folder, "same.conf"), "a");
    await writeFile(join(folder, "large"), "");
    await truncate(join(folder, "large"), 1024 * 1024 + 1);
    await writeFile(join(folder, "largest"), "");
    await truncate(join(folder, "largest"), 1024 * 1024);
    await symlink("../outside", join(folder, "out"));
    await symlink("..", join(folder, "up"));
    await symlink("a.conf", join(folder, "in"));
    await must("mkfifo", join(folder, "pipe"));
  });
  afterAll(() => rm(outer, { recursive: true, force: true }));

  test("only regular files in the project of at most 1 MiB are read, and no pipe is waited for", async () => {
    const names = "a.conf same.conf in largest large out up/outside sub pipe none";
    const paths = [...names.split(" ").map((name) => join(folder, name)), "/dev/zero"];
    const found = await digestFiles(paths, folder);
    expect([...found.keys()].map((path) => path.slice(folder.length + 1))).toEqual(
      "a.conf same.conf in largest".split(" "),
    );
    const [a, same, link] = found.values();
    expect([same, link]).toEqual([a, a]);
    expect(new Set(found.values()).size).toBe(2);
  });

  test("a changed byte gives another digest", async () => {
    const path = join(folder, "changing");
    await writeFile(path, "1");
    const before = await digestFiles([path], folder);
    await writeFile(path, "2");
    expect(await digestFiles([path], folder)).not.toEqual(before);
  });
});
