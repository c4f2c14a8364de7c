import { describe, expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ObservedInstance } from "../../src/model/observed.ts";
import type { ObservedVolume } from "../../src/model/observed-volume.ts";
import { leftoverHosts, leftoverScope, leftoverVolumes } from "../../src/plan/leftover-data.ts";
import { claimDataFolder } from "../../src/project/data-folder.ts";
import { listStoredData } from "../../src/project/stored-data.ts";
import { plan, projectOf, started, startsOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

const instances: ObservedInstance[] = startsOf(
  plan(projectOf([{ service: "db" }, { service: "web" }])).steps,
).map((start) => started(start));
const [db] = instances;

function volume(shortName: string, ...ids: string[]): ObservedVolume {
  const users = ids.map((id) => ({ id, name: id }));
  return { name: `shop-abcdef-${shortName}`, shortName, users, createdAt: undefined };
}

const volumes = [
  volume("data", "id-db-one"),
  volume("cache", "id-web-one"),
  volume("both", "id-db-one", "id-web-one"),
  volume("old"),
  volume("old-one-data"),
  volume("old-one.var-lib"),
  volume("old-one-tmp"),
  volume("older-one-data"),
  volume("foreign", "id-of-a-stranger"),
];
const short = (names: readonly string[]): string[] =>
  names.map((name) => name.replace("shop-abcdef-", ""));

describe("volumes without instances", () => {
  test("are those that nothing uses, or only what is being removed", () => {
    expect(short(leftoverVolumes(volumes, [], "all"))).toEqual([
      "old",
      "old-one-data",
      "old-one.var-lib",
      "old-one-tmp",
      "older-one-data",
    ]);
    expect(short(leftoverVolumes(volumes, db ? [db] : [], "all"))).toContain("data");
    expect(short(leftoverVolumes(volumes, db ? [db] : [], "all"))).not.toContain("both");
    expect(short(leftoverVolumes(volumes, instances, "all"))).toContain("both");
  });

  test("of one instance are those that have its name", () => {
    expect(short(leftoverVolumes(volumes, [], { host: "old-one" }))).toEqual([
      "old-one-data",
      "old-one.var-lib",
      "old-one-tmp",
    ]);
  });
});

test("folders without instances are those of hosts that do not exist", () => {
  const hosts = ["db-one", "old-one", "old-two"];
  expect(leftoverHosts(hosts, instances, "all")).toEqual(["old-one", "old-two"]);
  expect(leftoverHosts(hosts, instances, { host: "old-two" })).toEqual(["old-two"]);
  expect(leftoverHosts(hosts, instances, { host: "db-one" })).toEqual([]);
});

test.each([
  ["all", undefined, undefined, "all"],
  ["all", "one", undefined, undefined],
  ["all", undefined, "node1", undefined],
  ["web", undefined, undefined, undefined],
  ["web", "one", undefined, { host: "web-one" }],
  ["web*", "one", undefined, undefined],
  ["web", "*", undefined, undefined],
  ["web", "one", "node1", undefined],
] as const)("%s %p group=%p is about %j", (service, instance, group, scope) => {
  expect(leftoverScope({ service, instance, group })).toEqual(scope as never);
});

test("only what instances can have is found in a data folder, and only in the project's own", async () => {
  await using project = await projectFolder({});
  const dataFolder = join(project.folder, "data_shop");
  const { folder } = project;
  const shop = { name: "shop", folder, origin: folder, dataFolder };
  expect(listStoredData(shop, ["data", "log"])).toEqual([]);
  await mkdir(join(dataFolder, "db-one", "data"), { recursive: true });
  expect(listStoredData(shop, ["data", "log"])).toEqual([]);
  claimDataFolder(shop);
  for (const path of ["db-one/log", "web-one/other", "shared"])
    await mkdir(join(dataFolder, path), { recursive: true });
  expect(listStoredData(shop, ["data", "log"])).toEqual([
    { host: "db-one", folders: [join(dataFolder, "db-one/data"), join(dataFolder, "db-one/log")] },
  ]);
  expect(listStoredData({ ...shop, name: "other" }, ["data", "log"])).toEqual([]);
  expect(listStoredData({ ...shop, origin: "/elsewhere" }, ["data"])).toEqual([]);
});
