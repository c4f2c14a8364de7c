import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPlan, readPlan, savePlan } from "../../src/cli/commands/run/plan-file.ts";
import { plainSelection, type Selection } from "../../src/plan/select/selection.ts";
import { plan, projectOf } from "./support/planning.ts";
import { thrownBy } from "./support/project-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "reyns-plan-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "release.plan");

const project = projectOf([
  { service: "web", instance: "one" },
  { service: "web", instance: "two", after: [{ service: "web", instance: "one" }] },
]);
const save = (selection: Selection, planned = plan(project)): void =>
  savePlan(file, { project, selections: [selection], keep: false, prune: false }, planned);

test("a plan fits with another timeout and another order of the same operations", () => {
  save(plainSelection("all"));
  const saved = readPlan(file);
  const steps = plan(project, { timeout: 5 }).steps.map((step) => ({ ...step, after: [] }));
  checkPlan(saved, project, steps);
  const [change] = thrownBy(() => checkPlan(saved, project, steps.slice(1)));
  expect(change).toMatchObject({ code: "PLAN_OUTDATED" });
});

test("no secret of the call is saved", () => {
  const env = { COLOUR: "blue", DB_PASSWORD: "hunter2" };
  const [refusal] = thrownBy(() => save({ ...plainSelection("all"), env }));
  expect(refusal).toMatchObject({
    code: "INVALID_VALUE",
    message: "a saved plan would show the value of DB_PASSWORD",
  });
  save({ ...plainSelection("all"), env: { COLOUR: "blue" } });
  expect(readFileSync(file, "utf8")).toContain("blue");
});

test("an instance with a random name is not saved", () => {
  const legacy = projectOf([], { services: [{ name: "web" }], sequential: true });
  const [refusal] = thrownBy(() => save(plainSelection("web"), plan(legacy, { service: "web" })));
  expect(refusal?.message).toBe("a saved plan needs the name of the new instance");
});
