import { describe, expect, test } from "bun:test";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { definedNames } from "../../src/plan/defined-names.ts";
import { findOrphans } from "../../src/plan/orphans.ts";
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
