import { expect, test } from "bun:test";
import { defineInstance } from "../../src/model/project.ts";
import { portConflictErrors } from "../../src/plan/checks/taken-ports.ts";
import { plan, projectOf, startsOf } from "./support/planning.ts";

test("the port of a container that the Engine starts for a killed call is free for the one in its place", () => {
  const at = { file: "reyns.ts" };
  const ports = [{ container: 80, host: 8080, protocol: "tcp" as const }];
  const project = projectOf([defineInstance({ service: "web", instance: "one", at, ports })]);
  const steps = startsOf(plan(project).steps);
  expect(steps).toHaveLength(1);
  const messages = (owner: string | undefined, removes?: string): string[] =>
    portConflictErrors(
      steps.map((step) => ({ ...step, removes })),
      {
        project,
        publishers: [],
        listeners: [{ ip: "0.0.0.0", host: 8080, protocol: "tcp", owner: () => owner }],
        locate: () => undefined,
      },
    ).map(({ message }) => message);
  const taken = (who: string): string[] => [`web-one: port 8080/tcp is taken by ${who}`];
  expect(messages("docker-proxy (pid 7)", "half-made")).toEqual([]);
  expect(messages("docker-proxy (pid 7)")).toEqual(taken("docker-proxy (pid 7)"));
  expect(messages("nginx (pid 7)", "half-made")).toEqual(taken("nginx (pid 7)"));
  expect(messages(undefined, "half-made")).toEqual(taken("something on this host"));
});
