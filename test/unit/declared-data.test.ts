// What "down -v" removes without a question: the data that the definition declares.
import { describe, expect, test } from "bun:test";
import {
  cleanQuestion,
  noData,
  placesOf,
  splitByDeclaration,
} from "../../src/cli/commands/clean/data.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { volumeNameOf } from "../../src/model/resource-names.ts";
import { declaredData } from "../../src/plan/declared-data.ts";
import { observed, plan, projectOf, started, startsOf } from "./support/planning.ts";

const before = projectOf([
  { service: "web", volumes: ["cache:/cache"] },
  { service: "db", volumes: ["rows:/rows"] },
]);
const { steps } = plan(before, { observed: observed({ images: ["shop/web", "shop/db"] }) });
const [web, db] = startsOf(steps).map((step) => started(step)) as [
  ObservedInstance,
  ObservedInstance,
];

const reduced = projectOf([{ service: "web", volumes: ["cache:/cache"] }]);
const nameOf = (short: string): string => volumeNameOf(reduced, short);
const dataOf = ({ host, imageId }: ObservedInstance, ...volumes: string[]) => ({
  ...{ host, imageId, project: reduced, folders: [`/srv/data_shop/${host}/data`] },
  volumes: volumes.map(nameOf),
});

describe("where the definition has lost the service db", () => {
  const former = { ...dataOf(db), host: "old-one", folders: ["/srv/data_shop/old-one/data"] };
  const data = {
    kept: [dataOf(web, "cache", "web-one.var"), dataOf(db, "rows", "db-one.var")],
    former: [former],
    volumes: [nameOf("older")],
  };
  const beyond = [
    "/srv/data_shop/db-one/data",
    ...["rows", "db-one.var"].map((name) => `volume ${nameOf(name)}`),
    "/srv/data_shop/old-one/data",
    `volume ${nameOf("older")}`,
  ];

  test("its volumes, its folders and those of earlier ones are beyond it", () => {
    const { declared, undeclared } = splitByDeclaration(data, declaredData(reduced, [web, db]));
    expect(placesOf(undeclared)).toEqual(beyond);
    expect(placesOf(declared)).toEqual([
      "/srv/data_shop/web-one/data",
      ...["cache", "web-one.var"].map((name) => `volume ${nameOf(name)}`),
    ]);
  });

  test("nothing of it is beyond the definition that still has it", () => {
    const { undeclared } = splitByDeclaration(
      { ...noData, kept: data.kept },
      declaredData(before, [web, db]),
    );
    expect(placesOf(undeclared)).toEqual([]);
  });

  test("a volume of a service that does not run is declared", () => {
    const idle = { ...noData, volumes: [nameOf("rows")] };
    expect(placesOf(splitByDeclaration(idle, declaredData(before, [])).undeclared)).toEqual([]);
  });

  test("instances of another conf are no part of it", () => {
    const { hasHost } = declaredData(reduced, [{ ...db, conf: "test" }]);
    expect(hasHost("db-one")).toBe(false);
  });

  test("down asks about data beyond it, and about no volume of its own", () => {
    const volumes = { ...noData, volumes: [nameOf("cache"), nameOf("rows")] };
    const { undeclared } = splitByDeclaration(volumes, declaredData(reduced, []));
    const targets = { leaving: [web], data: volumes };
    expect(cleanQuestion(targets, "unlessFolders", undeclared)).toContain(nameOf("rows"));
    expect(cleanQuestion(targets, "unlessFolders")).toBeUndefined();
    expect(cleanQuestion(targets, true, undeclared)).toBeUndefined();
  });

  test("a definition that cannot be read declares nothing", () => {
    expect(placesOf(splitByDeclaration(data, undefined).declared)).toEqual([]);
  });
});

test("a volume of its own name is declared, an external one is not the project's", () => {
  const named = { external: false, name: "rows-of-shop" };
  const project = projectOf([{ service: "web", volumes: ["theirs:/theirs"] }]);
  const conf = { ...project.conf, volumes: { rows: named, theirs: { external: true } } };
  const { hasVolume } = declaredData({ ...project, conf }, []);
  expect(["rows-of-shop", "theirs"].map(hasVolume)).toEqual([true, false]);
});
