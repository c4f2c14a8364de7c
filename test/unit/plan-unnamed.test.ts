// Definitions without a name, as a legacy conf may have them.
import { expect, test } from "bun:test";
import { observed, plan, projectOf, started, startsOf } from "./support/planning.ts";

const project = projectOf([{ service: "web", instance: undefined, command: ["own"] }], {
  sequential: true,
});
const running = startsOf(plan(project).steps).map((step) => started(step));
const scene = { observed: observed({ instances: running }) };

test("a later run finds the instance again", () => {
  const { steps, orphans } = plan(project, scene);
  expect(startsOf(steps)).toEqual([]);
  expect(orphans).toEqual([]);
});

test("its service's name starts one more from the same definition", () => {
  const [one, ...others] = startsOf(plan(project, { ...scene, service: "web" }).steps);
  expect(one?.host).not.toBe(running[0]?.host);
  expect(one?.spec.command).toEqual(["own"]);
  expect(others).toEqual([]);
});

test("a name on the command line makes an instance ad hoc, and no orphan", () => {
  const [five] = startsOf(plan(project, { service: "web", instance: "five" }).steps);
  const instances = five ? [started(five)] : [];
  expect(instances).toMatchObject([{ isAdHoc: true }]);
  expect(plan(project, { observed: observed({ instances }) }).orphans).toEqual([]);
});
