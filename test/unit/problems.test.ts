import { describe, expect, test } from "bun:test";
import type { ObservedInstance, ObservedKeeper } from "../../src/model/observed.ts";
import { listProblems, problemsOf } from "../../src/model/problems.ts";
import { observed, plan, projectOf, started, startsOf } from "./support/planning.ts";

const project = projectOf([
  { service: "reyns-dns", instance: "main" },
  { service: "db", image: "postgres:17" },
  { service: "web" },
]);
const { steps } = plan(project, { observed: observed({ images: ["postgres:17", "shop/web"] }) });
const instances = startsOf(steps).map((step) =>
  started(step, { hasEntrypoint: step.host !== "db-one" }),
);
const keeper: ObservedKeeper = {
  id: "k",
  project: "shop",
  origin: project.origin,
  mounts: [],
  state: "running",
  isConnected: true,
  isRenamed: false,
  hasOldKeys: false,
  settings: "",
};

const withAll = (given: Partial<ObservedInstance>): ObservedInstance[] =>
  instances.map((instance) => ({ ...instance, ...given }));

describe("the problems of a project", () => {
  test("are none when all is well, or nothing runs", () => {
    expect(listProblems({ instances, keeper })).toEqual([]);
    expect(listProblems({ instances: withAll({ state: "exited" }), keeper: undefined })).toEqual(
      [],
    );
    const own = instances.filter(({ hasEntrypoint }) => hasEntrypoint);
    expect(listProblems({ instances: own, keeper: undefined })).toEqual([]);
  });

  test.each<[string, Partial<ObservedInstance>, string, string]>([
    ["paused instances", { state: "paused" }, "paused: ", "reyns unpause all"],
    ["disconnected instances", { address: undefined }, "not in its networks: ", "reyns run all"],
    ["renamed instances", { containerName: "other" }, "renamed, outside Reyns: ", "reyns run all"],
  ])("name %s in one line", (_, given, text, remedy) => {
    const hosts = instances.map(({ host }) => host).join(", ");
    expect(listProblems({ instances: withAll(given), keeper })).toEqual([
      { text: text + hosts, remedy },
    ]);
  });

  test.each<[string, ObservedKeeper | undefined, string]>([
    ["lost", undefined, "missing"],
    ["stopped", { ...keeper, state: "exited" }, "stopped"],
    ["paused", { ...keeper, state: "paused" }, "paused"],
    ["disconnected", { ...keeper, isConnected: false }, "not in the project's network"],
    ["renamed", { ...keeper, isRenamed: true }, "renamed, outside Reyns"],
  ])("name a %s keeper, and whose names depend on it", (_, there, text) => {
    expect(listProblems({ instances, keeper: there })).toEqual([
      {
        text: `the DNS lease keeper is ${text}: db-one will lose its names`,
        remedy: "reyns run all",
      },
    ]);
  });
});

describe("the problems of one instance", () => {
  const web = { ...(instances[2] ?? instances[0]) } as ObservedInstance;
  const db = instances.find(({ host }) => host === "db-one") as ObservedInstance;

  test("are none when it works as it should, or was stopped", () => {
    expect(problemsOf(web, { keeper, isOrphan: false })).toEqual([]);
    const stopped = { ...web, state: "exited", address: undefined };
    expect(problemsOf(stopped, { keeper: undefined, isOrphan: false })).toEqual([]);
  });

  test("have a code each, and the command that repairs them", () => {
    const paused = { ...db, state: "paused" };
    expect(problemsOf(paused, { keeper: undefined, isOrphan: true })).toEqual([
      { code: "paused", message: "paused", remedy: "reyns unpause db one" },
      { code: "keeper", message: "the DNS lease keeper is missing", remedy: "reyns run all" },
      { code: "orphan", message: "no longer defined", remedy: "reyns clean orphans=true" },
    ]);
  });
});
