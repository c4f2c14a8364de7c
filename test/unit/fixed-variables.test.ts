import { expect, test } from "bun:test";
import { observed, plan, projectOf, startOf } from "./support/planning.ts";

const fixed = new Set(["SERVICE", "INSTANCE", "PROJECT", "SAFEMODE"]);

test("a ready image gets Reyns' own variables with a prefix, since its programs may use the plain names", () => {
  const { steps } = plan(projectOf([{ service: "db", instance: "one", image: "postgres:17" }]));
  const { env } = startOf(steps, "db-one").spec;
  expect(env).toMatchObject({ REYNS_SERVICE: "db", REYNS_INSTANCE: "one" });
  expect(Object.keys(env).filter((name) => fixed.has(name))).toEqual([]);
});

test("an image that builds on ours gets them by their plain names", () => {
  const { steps } = plan(projectOf([{ service: "web", instance: "one" }]));
  const { env } = startOf(steps, "web-one").spec;
  expect(env).toMatchObject({ SERVICE: "web", INSTANCE: "one", SAFEMODE: "False" });
});

test("an image that a Compose project builds loses its own variables to those of Reyns", () => {
  const env = { SERVICE: { kind: "text", text: "orders" } } as const;
  const services = [{ name: "web", parents: ["node:24"] }];
  const project = projectOf([{ service: "web", instance: "one", env }], { services });
  const compose = { ...project, conf: { ...project.conf, isCompose: true } };
  const { steps } = plan(compose, { observed: observed() });
  expect(startOf(steps, "web-one").spec.env).toMatchObject({
    SERVICE: "orders",
    REYNS_SERVICE: "web",
  });
});
