import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { ContainerSpec } from "../../src/model/container-spec.ts";
import { readConfFile } from "../../src/project/conf/read.ts";
import { convertConfs, type ConvertedConfs } from "../../src/project/conf/convert.ts";
import type { Project } from "../../src/model/project.ts";
import { copiedProject, projectFolder } from "./support/project-folder.ts";
import { plan, startsOf } from "./support/planning.ts";

// Other programs start.
setDefaultTimeout(30_000);

const root = join(import.meta.dir, "../..");
const sources = {
  // The default policy differs, which the notes say.
  caller: { DNS_UPDATE_POLICY: "REPLACE" },
  hostConf: { DNS_SERVICE_IP: "192.0.2.1", BACKEND: "192.0.2.2" },
  interfaces: { eth0: "192.0.2.3", lo: "127.0.0.1" },
};

/** The confs of a folder, the default one first. */
function convert(folder: string, confs: readonly string[]): ConvertedConfs {
  return convertConfs({
    project: folder.split("/").at(-1) ?? "",
    confs: confs.map((name) => readConfFile(join(folder, `${name}.conf`), name).conf),
    dockerOps: confs[0] === "run",
    services: [],
  });
}

/** Two names of one thing, which the same plan may have either of. */
const current = (text: string): string => text.replaceAll("dockerops-dns", "reyns-dns");

interface Planned {
  readonly specs: Readonly<Record<string, unknown>>;
  /** Host -> every host that is ready before it starts, however far. */
  readonly before: Readonly<Record<string, readonly string[]>>;
}

function planned(project: Project, caller = sources.caller as Record<string, string>): Planned {
  const starts = startsOf(plan(project, { sources: { ...sources, caller } }).steps);
  const direct = new Map(starts.map(({ id, after }) => [id, after]));
  const before = (id: string): string[] => {
    const own = (direct.get(id) ?? []).filter((one) => direct.has(one));
    return [...own, ...own.flatMap(before)];
  };
  return {
    specs: Object.fromEntries(starts.map(({ host, spec }) => [current(host), comparable(spec)])),
    before: Object.fromEntries(
      starts.map(({ host, id }) => [
        current(host),
        [...new Set(before(id).map((one) => current(one.replace("start ", ""))))].toSorted(),
      ]),
    ),
  };
}

/** All of a container but for the conf's name, and the addresses, which follow from the names. */
function comparable(spec: ContainerSpec): unknown {
  const { labels, ...rest } = spec;
  const own = Object.entries(labels).filter(([name]) => !/definition|conf$|after$/.test(name));
  const text = JSON.stringify({ ...rest, labels: Object.fromEntries(own) });
  return JSON.parse(current(text));
}

const projects: [string, string[]][] = [
  ["test/fixtures/older", ["default", "published"]],
  ["demo", ["default", "default-multinode"]],
];

describe("a converted reyns.ts has the same plan as the confs", () => {
  for (const [source, confs] of projects) {
    for (const conf of confs) {
      test(`${source}: ${conf}.conf`, async () => {
        await using project = await copiedProject(source, "shop");
        const older = await readWithout(project, conf);
        await project.write({ "reyns.ts": convert(project.folder, confs).text });
        const newer = await project.read(conf);
        expect(newer.conf.file).toEndWith("reyns.ts");
        expect(planned(newer)).toEqual(planned(older));
        expect(Object.keys(planned(newer).specs)).not.toEqual([]);
      });
    }
  }

  test("test/fixtures/oldest: run.conf, apart from the name of the DNS", async () => {
    await using project = await copiedProject("test/fixtures/oldest", "oldest");
    const older = planned(await project.read(), {});
    await project.write({ "reyns.ts": convert(project.folder, ["run"]).text });
    const newer = planned(await project.read(), {});
    expect(newer.before).toEqual(older.before);
    expect(Object.keys(newer.specs)).toEqual(Object.keys(older.specs));
    for (const [host, spec] of Object.entries(newer.specs)) {
      const { env } = spec as { env: Record<string, string> };
      expect([host, env["DNS_UPDATE_POLICY"]]).toEqual([host, "APPEND"]);
    }
  });
});

/** Reads the project as it was before a `reyns.ts` was there. */
async function readWithout(
  project: Awaited<ReturnType<typeof copiedProject>>,
  conf: string,
): Promise<Project> {
  await Bun.file(join(project.folder, "reyns.ts"))
    .delete()
    .catch(() => {});
  return project.read(conf);
}

describe("notes list the differences", () => {
  test("a sleep, a DNS that moved, an instance without a name", async () => {
    await using project = await projectFolder({
      "default.conf": `[ { "service": "web", "sleep": 3 }, { "service": "reyns-dns", "instance": "main" },
        { "service": "web", "instance": "one" } ]`,
    });
    const { notes, text } = convert(project.folder, ["default"]);
    expect(notes).toEqual([
      "default: the DNS starts first, as everything else waits for it",
      "default: an instance of web without a name is web-2 now, at each run",
      'default: all instances of web answer for its name now; env: { DNS_UPDATE_POLICY: "REPLACE" } undoes that',
      "default: removed the sleep of 3 s after web-2: the next instance waits until it is ready",
    ]);
    expect(text.indexOf("dns(")).toBeLessThan(text.indexOf('service("web"'));
  });

  test("the new name of the DNS", async () => {
    const { notes } = convert(join(root, "test/fixtures/oldest"), ["run"]);
    expect(notes).toEqual(["dockerops-dns is called reyns-dns now, in host names too"]);
  });

  test("none without differences", async () => {
    await using project = await projectFolder({
      "default.conf": '[{ "service": "web", "instance": "one" }]',
    });
    expect(convert(project.folder, ["default"]).notes).toEqual([]);
  });
});

test("special characters survive the conversion", async () => {
  const env = { Q: `"'\`\${x}\\`, "a.b-c": "1", L: "a\nb", FROM: "from_eth0", U: "\u2028 ü" };
  await using project = await projectFolder({
    "services/web/Dockerfile": "FROM reyns/reyns-base\n",
    "default.conf": JSON.stringify([
      { service: "web", instance: "1st-a", env_vars: env, extra_args: `-e "X=a b"` },
      { service: "web", instance: "two", volumes: "$PROJECT_DIR/a b:/x" },
    ]),
  });
  const older = await project.read();
  await project.write({ "reyns.ts": convert(project.folder, ["default"]).text });
  expect(planned(await project.read()).specs).toEqual(planned(older).specs);
});

test("converted files pass the type check", async () => {
  await using project = await projectFolder({});
  const cases: Record<string, string> = {};
  for (const [source, confs] of [...projects, ["test/fixtures/oldest", ["run"]] as const])
    cases[`${source.replaceAll("/", "-")}.ts`] = convert(join(root, source), confs).text;
  await project.write({
    ...cases,
    "tsconfig.json": JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        types: [join(root, "node_modules/bun-types")],
        paths: { reyns: [join(root, "src/api/module.d.ts")] },
      },
      include: ["*.ts"],
    }),
  });
  symlinkSync(join(root, "node_modules"), join(project.folder, "node_modules"));
  const tsc = join(root, "node_modules/.bin/tsc");
  const child = Bun.spawn([process.execPath, tsc, "--noEmit", "-p", project.folder], {
    stdout: "pipe",
    stderr: "inherit",
  });
  expect(await child.stdout.text()).toBe("");
  expect(await child.exited).toBe(0);
  const written = readdirSync(project.folder).filter((file) => file.endsWith(".ts"));
  expect(written).toHaveLength(3);
  for (const file of written)
    expect(readFileSync(join(project.folder, file), "utf8")).toContain('from "reyns"');
});
