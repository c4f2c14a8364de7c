// What runs already has to be what was tested, as much as what a run by receipt starts.
import { expect, test } from "bun:test";
import { checkTested, type TestedInstance } from "../../src/cli/commands/run/check-tested.ts";
import type { MatchedReceipt } from "../../src/cli/common/receipts/match.ts";
import { testedNames } from "../../src/plan/receipts/tested-names.ts";
import type { RunPlan } from "../../src/plan/run-plan.ts";
import { observed, plan, projectOf, started, startOf } from "./support/planning.ts";
import { thrownBy } from "./support/project-folder.ts";

const startedAt = 1000;
const here = { isUnnamed: false, isSent: false, node: undefined };
const image = { id: "sha256:web", content: "sha256:1", name: "web:latest", labels: {}, ...here };

function matched(host: string, time = 0): MatchedReceipt {
  return {
    images: new Map([[host, image]]),
    changes: new Map([[host, [{ path: "./site/index.html", time }]]]),
  };
}

const running: TestedInstance = {
  host: "web-one",
  service: "web",
  instance: "one",
  tested: "web-one",
  imageId: "sha256:web",
  startedAt,
};
const nothing: Pick<RunPlan, "steps" | "unchanged"> = { steps: [], unchanged: [] };

function errorsOf(
  receipt: MatchedReceipt,
  existing: TestedInstance,
  given: Pick<RunPlan, "steps" | "unchanged"> = nothing,
): string[] {
  return thrownBy(() => checkTested(given, [existing], receipt)).map(
    ({ message, hint }) => `${message} | ${hint}`,
  );
}

test("an instance that runs on may hold an older file than the one that was tested", () => {
  expect(errorsOf(matched("web-one", 999), running)).toEqual([]);
  expect(errorsOf(matched("web-one", 1001), running)).toEqual([
    "web-one has run since before ./site/index.html was changed, and may have what was there then | restart it: reyns rerun web one",
  ]);
  expect(errorsOf(matched("web-one", 1001), { ...running, startedAt: undefined })).toEqual([]);
});

test("a container that the run replaces or starts again has the files of today", () => {
  const { steps } = plan(projectOf([{ service: "web", image: "nginx" }]));
  const changed = matched("web-one", 1001);
  expect(errorsOf(changed, running, { ...nothing, steps: [startOf(steps, "web-one")] })).toEqual(
    [],
  );
});

test("an instance with a random name is checked like every other", () => {
  const project = projectOf([
    { service: "web", image: "nginx", instance: "two" },
    { service: "web", image: "nginx", instance: undefined },
  ]);
  const [first] = plan(project)
    .steps.filter((step) => step.kind === "start-instance")
    .slice(1);
  if (!first) throw new Error("nothing starts");
  const instance = started(first);
  const names = testedNames(project, [instance]);
  expect([...names]).toEqual([[instance.host, "web-any-1"]]);
  const { host, service } = instance;
  const unnamed = { ...running, host, service, instance: instance.instance, tested: "web-any-1" };
  expect(errorsOf(matched("web-any-1", 1001), unnamed)).toHaveLength(1);
  expect(errorsOf(matched("web-any-1"), { ...unnamed, imageId: "sha256:other" })).toEqual([
    `${host} runs with what was not tested: image sha256:other | replace it: reyns rerun web ${instance.instance}`,
  ]);
  const unchanged = [{ host, service, instance: instance.instance, changes: ["command"] }];
  expect(errorsOf(matched("web-any-1"), unnamed, { ...nothing, unchanged })).toHaveLength(1);
});

test("one more of a service is no tested one, unless its definition has no name", () => {
  const start = (instance: string | undefined) => {
    const { steps } = plan(projectOf([{ service: "web", image: "nginx", instance }]), {
      observed: observed({ images: ["nginx"] }),
    });
    const chosen = steps.filter((step) => step.kind === "start-instance");
    return thrownBy(() => checkTested({ ...nothing, steps: chosen }, [], matched("web-any-1")));
  };
  expect(start(undefined)).toEqual([]);
  expect(start("three").map(({ message }) => message)).toEqual([
    "web-three would start as well, and this call compares it with no receipt",
  ]);
});
