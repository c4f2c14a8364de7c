import { describe, expect, test } from "bun:test";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { definedNames } from "../../src/plan/defined-names.ts";
import { findOrphans } from "../../src/plan/orphans.ts";
import { thrownBy } from "./support/project-folder.ts";
import { observed, plan, projectOf, started, startsOf } from "./support/planning.ts";

const before = projectOf([{ service: "web" }, { service: "old" }]);
const { steps } = plan(before, { observed: observed({ images: ["shop/web", "shop/old"] }) });
const [web, old] = startsOf(steps).map((step) => started(step)) as [
  ObservedInstance,
  ObservedInstance,
];

const orphansOf = (
  instances: readonly ObservedInstance[],
  project = projectOf([{ service: "web" }]),
): string[] => findOrphans(definedNames(project, instances), instances).map(({ host }) => host);

describe("an orphan", () => {
  test("is an instance that its conf no longer defines", () => {
    expect(orphansOf([web, old])).toEqual(["old-one"]);
    expect(orphansOf([web, old], before)).toEqual([]);
  });

  test("is none while it belongs to another conf, or to another project of the folder", () => {
    expect(orphansOf([{ ...old, conf: "test" }])).toEqual([]);
    expect(orphansOf([{ ...old, project: "former" }])).toEqual([]);
  });

  test("is one of another name only if its service is gone as well", () => {
    const more = { instance: "two", isAdHoc: true };
    expect(orphansOf([{ ...web, ...more, host: "web-two" }])).toEqual([]);
    expect(orphansOf([{ ...old, ...more, host: "old-two" }])).toEqual(["old-two"]);
  });

  test("is none when a definition without a name takes it over", () => {
    const unnamed = projectOf([{ service: "web", instance: undefined }]);
    const main = { ...web, instance: "main", host: "web-main" };
    expect(orphansOf([main], unnamed)).toEqual([]);
    expect(orphansOf([main, { ...main, instance: "more", host: "web-more" }], unnamed)).toEqual([
      "web-more",
    ]);
  });
});

describe("an orphan that writes to a volume", () => {
  const volumes = ["data:/data"];
  const images = ["a:1"];
  const [db] = startsOf(
    plan(projectOf([{ service: "db", image: "a:1", volumes }]), { observed: observed({ images }) })
      .steps,
  ).map((step) => {
    const mounts = step.spec.mounts.map(({ source, target, readOnly }) => ({
      source,
      target,
      readOnly,
      volume: source,
    }));
    return started(step, { mounts });
  }) as [ObservedInstance];
  const renamed = projectOf([{ service: "store", image: "a:1", volumes }]);

  test("keeps another instance from starting on it", () => {
    const request = { observed: observed({ images, instances: [db] }) };
    expect(() => plan(renamed, request)).toThrow(
      "store-one: db-one still runs and writes to the volume shop-cabb3f-data, though it is no longer defined",
    );
    expect(startsOf(plan(renamed, { ...request, prune: true }).steps)).toHaveLength(1);
  });

  test.each<[string, Partial<ObservedInstance>]>([
    ["has stopped", { state: "exited" }],
    ["only reads it", { mounts: db.mounts.map((mount) => ({ ...mount, readOnly: true })) }],
    ["is on another machine", { node: "far" }],
  ])("does not when it %s", (_, given) => {
    const request = { observed: observed({ images, instances: [{ ...db, ...given }] }) };
    expect(startsOf(plan(renamed, request).steps)).toHaveLength(1);
  });

  test("does not when what is defined shares the volume, too", () => {
    const api = { ...db, service: "api", host: "api-one", containerName: "api", id: "api" };
    const shared = projectOf([
      { service: "store", image: "a:1", volumes },
      { service: "api", image: "a:1", volumes },
    ]);
    const instances = [db, { ...api, definition: undefined }];
    const request = { observed: observed({ images, instances }) };
    expect(startsOf(plan(shared, request).steps).map(({ host }) => host)).toContain("store-one");
    const elsewhere = observed({ images, instances: [db, { ...api, node: "far" }] });
    expect(() => plan(shared, { observed: elsewhere })).toThrow("db-one still runs and writes");
  });

  test("does not keep an instance from being replaced that has it, too", () => {
    const api = { service: "api", image: "a:1", volumes };
    const both = projectOf([api, { service: "db", image: "a:1", volumes }]);
    const one = startsOf(plan(both, { observed: observed({ images }) }).steps).find(
      ({ host }) => host === "api-one",
    );
    if (!one) throw new Error("api is not started");
    const former = { ...started(one), mounts: db.mounts };
    const changed = projectOf([{ ...api, env: { V: { kind: "text", text: "new" } } }]);
    const { steps: next } = plan(changed, {
      observed: observed({ images, instances: [former, db] }),
    });
    expect(startsOf(next).map(({ host }) => host)).toEqual(["api-one"]);
  });
});

describe("a volume that another project's container writes to", () => {
  const images = ["a:1"];
  const conflicts = (
    name: string,
    given: Partial<{
      readOnly: boolean;
      external: boolean;
      isCompose: boolean;
      instances: ObservedInstance[];
    }> = {},
  ): readonly string[] => {
    const { readOnly = false, external = false, isCompose = false, instances = [] } = given;
    const target = readOnly ? "data:/data:ro" : "data:/data";
    const shop = projectOf([{ service: "db", image: "a:1", volumes: [target] }]);
    const conf = { ...shop.conf, isCompose, volumes: { data: { name, external } } };
    const project = { ...shop, conf };
    const writer = { volume: name, containerName: "x-db-1", project: "shop", folder: "/copy" };
    const request = { observed: { ...observed({ images, instances }), volumeWriters: [writer] } };
    return plan(project, { ...request, recreate: true }).warnings;
  };
  const inUse = (name: string): string =>
    `db-one: the volume ${name} is in use: the container x-db-1 of the project shop in /copy writes to it`;

  test("refuses a start on it where it is named after the project", () => {
    expect(() => conflicts("shop_data")).toThrow(inUse("shop_data"));
  });

  test("is reported where it has a name of its own, as it may be shared on purpose", () => {
    expect(conflicts("common")).toEqual([
      `${inUse("common")}: stop it there; for data of its own, give the volume another name here; to share the volume on purpose, declare it with external: true`,
    ]);
  });

  test("comes with advice to rename what its name follows from: the project, or the volume itself", () => {
    const hintFor = (name: string): string | undefined =>
      thrownBy(() => conflicts(name, { isCompose: true }))[0]?.hint;
    expect(hintFor("shop_data")).toContain("give this folder a project of its own (name: in");
    expect(hintFor("shop-db")).toContain("give the volume another name here;");
  });

  test("is of no interest to a start that only reads it, or declares it external", () => {
    expect(conflicts("shop_data", { readOnly: true })).toEqual([]);
    expect(conflicts("shop_data", { external: true })).toEqual([]);
  });

  test("keeps no instance from being replaced that writes to it already", () => {
    const [step] = startsOf(
      plan(projectOf([{ service: "db", image: "a:1" }]), { observed: observed({ images }) }).steps,
    );
    if (!step) throw new Error("db is not started");
    const mount = { source: "shop_data", target: "/data", readOnly: false, volume: "shop_data" };
    const [running, stopped] = ["running", "exited"].map((state) =>
      started(step, { state, mounts: [mount] }),
    ) as [ObservedInstance, ObservedInstance];
    expect(conflicts("shop_data", { instances: [running] })[0]).toStartWith(inUse("shop_data"));
    expect(() => conflicts("shop_data", { instances: [stopped] })).toThrow(inUse("shop_data"));
  });
});

test("a project with a new name is told of the former one in its folder, once", () => {
  const caller = { PROJECT_NAME: "shop" };
  const warningsWith = (given: Partial<ReturnType<typeof observed>>, env = {}): readonly string[] =>
    plan(before, {
      observed: { ...observed({ images: ["shop/web", "shop/old"] }), ...given },
      sources: { caller: env, hostConf: {}, interfaces: {} },
    }).warnings;
  const otherProjects = ["former"];
  expect(warningsWith({ otherProjects })).toEqual([
    '"shop" is a new project, with volumes and data of its own; "former" still has containers here: to keep using them, name the project "former" again; to remove them: reyns -p former clean all (data=true removes the data, too)',
  ]);
  expect(warningsWith({ otherProjects }, caller)).toEqual([]);
  expect(warningsWith({ otherProjects, instances: [web] })).toEqual([]);
});

test("a renamed project is not told that it has data of its own where the volumes stay the same", () => {
  const warningsWith = (volumes: Record<string, string>, isCompose = true): string => {
    const declared = Object.entries(volumes).map(([key, name]) => [key, { name, external: false }]);
    const conf = { ...before.conf, isCompose, volumes: Object.fromEntries(declared) };
    const seen = observed({ images: ["shop/web", "shop/old"], otherProjects: ["former"] });
    return plan({ ...before, conf }, { observed: seen }).warnings.join();
  };
  const warning = warningsWith({ data: "former_data", own: "shop_own" });
  expect(warning).toStartWith(
    '"shop" is a new project, but the volume former_data would be the same for both; "former" still',
  );
  expect(warning).toEndWith(
    "reyns -p former clean all (without data=true, which removes the volume former_data, too)",
  );
  expect(warningsWith({ data: "shop_data" }, false)).toContain("the volume shop_data would be");
  expect(warningsWith({ data: "shop_data" })).toContain("with volumes and data of its own");
});
