// A run that was killed while it waited for a new container leaves the former one beside it.
import { expect, test } from "bun:test";
import { observed, plan, projectOf, started, startOf } from "./support/planning.ts";

test("a run completes such a replacement, or goes back, before it replaces another instance of the service", () => {
  const both = ["one", "two"].map((instance) => ({ service: "web", instance }));
  const old = plan(projectOf(both)).steps;
  const changed = projectOf(both.map((one) => ({ ...one, command: ["other"] })));
  const now = startOf(plan(changed).steps, "web-one");
  const instances = [
    started(now, { id: "new", predecessor: "former" }),
    started(startOf(old, "web-two")),
  ];
  const { steps } = plan(changed, { observed: observed({ instances }) });
  const wait = steps.find((step) => step.kind === "await-instance");
  expect(wait).toMatchObject({
    host: "web-one",
    containerId: "new",
    former: { id: "former", name: now.spec.name },
  });
  expect(startOf(steps, "web-two").after).toContain(wait?.id ?? "");
});
