// `keep=true`: what has changed stays as it is.
import { expect, test } from "bun:test";
import { observed, plan, projectOf, started, startOf } from "./support/planning.ts";

const before = projectOf([
  { service: "web", instance: "one", image: "app", ready: { kind: "tcp", port: 80 } },
]);
const after = projectOf([
  {
    service: "web",
    instance: "one",
    image: "app",
    ready: { kind: "tcp", port: 81 },
    command: ["x"],
  },
]);
const start = startOf(plan(before).steps, "web-one");

test.each([
  ["running", "await-instance"],
  ["exited", "restart-instance"],
] as const)(
  "a changed instance that is %s is ready as its container was defined",
  (state, kind) => {
    const instances = [started(start, { state })];
    const { steps } = plan(after, { observed: observed({ instances }), keep: true });
    expect(steps).toContainEqual(expect.objectContaining({ kind, ready: start.ready }));
  },
);
