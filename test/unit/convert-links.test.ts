// Links of a conf, and the order of its instances, in the reyns.ts that it is converted to.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { collectMistakes } from "../../src/cli/commands/check.ts";
import { convertConfs } from "../../src/project/conf/convert.ts";
import { readConfFile } from "../../src/project/conf/read.ts";
import { findProject } from "../../src/project/locate.ts";
import { plan } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

function convert(folder: string, name: string) {
  const { conf } = readConfFile(join(folder, `${name}.conf`), name);
  return convertConfs({ project: "shop", confs: [conf], dockerOps: false, services: [] });
}

/** The mistakes of a conf, and of the reyns.ts that it is converted to, with its notes. */
async function converted(entries: readonly object[]) {
  await using project = await projectFolder({
    "services/web/Dockerfile": "FROM reyns/reyns-base\n",
    "services/db/Dockerfile": "FROM reyns/reyns-base\n",
    "default.conf": JSON.stringify(entries),
  });
  const mistakes = async (): Promise<string[]> => {
    const place = await findProject(project.folder, {});
    return (await collectMistakes(place, ["default"], {})).map(({ message }) => message);
  };
  const before = await mistakes();
  const { missing } = plan(await project.read());
  const { text, notes } = convert(project.folder, "default");
  await project.write({ "reyns.ts": text });
  const now = plan(await project.read()).missing;
  const names = (all: typeof missing): string[] => all.map(({ name }) => name);
  return {
    text,
    notes,
    mistakes: [before, await mistakes()],
    missing: [names(missing), names(now)],
  };
}

test("a link to a service of another project still takes its address from its variable", async () => {
  const names = ["MYAPP", "OTHER", "far"];
  const links = [
    { name: "MYAPP", service: "myapp", instance: null },
    { name: "OTHER", service: "other", instance: "one" },
    "far-one:far",
  ];
  const { text, notes, mistakes, missing } = await converted([
    { service: "web", instance: "one", links },
  ]);
  expect(mistakes).toEqual([[], []]);
  expect(notes).toEqual([]);
  const variables = names.map((name) => `${name.toUpperCase()}_SERVICE_IP`);
  expect(missing.map((list) => list.toSorted())).toEqual([
    variables.toSorted(),
    variables.toSorted(),
  ]);
  for (const host of ["myapp-*", "other-one*", "far-one*"])
    expect(text).toContain(`link({ host: "${host}" }`);
});

test("an instance that links to a later one, or is routed by it, comes after it in a reyns.ts", async () => {
  const { text, notes, mistakes } = await converted([
    {
      service: "web",
      instance: "one",
      route: { host: "shop.test", port: 80 },
      links: [{ name: "DB", service: "db", instance: null }],
    },
    { service: "db", instance: "one" },
    { service: "reyns-router", instance: "main" },
  ]);
  expect(mistakes).toEqual([[], []]);
  expect(notes).toEqual([
    "default: reyns-router-main starts before web-one, which it routes",
    "default: db-one starts before web-one, which links to it",
  ]);
  expect(text.match(/router\(\{|service\("\w+"/g)).toEqual([
    "router({",
    'service("db"',
    'service("web"',
  ]);
});

test("a link that would close a circle becomes the variable that it sets", async () => {
  const { notes, mistakes, missing } = await converted([
    { service: "web", instance: "one", links: [{ name: "DB", service: "db", instance: null }] },
    { service: "db", instance: "one", links: ["web-one:web"] },
  ]);
  expect(mistakes).toEqual([[], []]);
  expect(missing).toEqual([["DB_SERVICE_IP"], ["DB_SERVICE_IP"]]);
  expect(notes).toEqual([
    "default: the link DB of web-one would close a circle: it is only the required variable DB_SERVICE_IP now",
  ]);
});

test("a job stays a job, and hosts whose variables would have one name get two", async () => {
  const { text, mistakes } = await converted([
    { service: "web", instance: "2-b", job: true },
    { service: "web", instance: "2b" },
    { service: "db", instance: "one" },
  ]);
  expect(mistakes).toEqual([[], []]);
  expect(text).toContain("job: true");
});

test("a conf that is not the default one stays under its name", async () => {
  await using project = await projectFolder({
    "services/web/Dockerfile": "FROM reyns/reyns-base\n",
    "prod.conf": '[{ "service": "web", "instance": "one" }]',
  });
  expect(convert(project.folder, "prod").text).toContain('conf("prod", () => {');
});
