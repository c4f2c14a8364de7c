import { expect, test } from "bun:test";
import type { InstanceDefinition, Project } from "../../src/model/project.ts";
import type { ObservedRouter } from "../../src/model/router-steps.ts";
import { upstreamLines } from "../../src/model/router-steps.ts";
import { defaultRouter, routerFields } from "../../src/model/routes.ts";
import { servedRoutes } from "../../src/model/served-routes.ts";
import type { StartInstance } from "../../src/model/steps.ts";
import { haveOtherRoutes, planRollbackRoutes } from "../../src/plan/router/rollback-routes.ts";
import { plan, projectOf, started, startOf, startsOf } from "./support/planning.ts";

const route = (host: string) =>
  ({ host, path: "/", port: 80, strip: false, sticky: false, protocol: "http" }) as const;

const shop = (web: Partial<InstanceDefinition>): Project =>
  projectOf([
    { service: "reyns-router", instance: "main", ...routerFields(defaultRouter) },
    { service: "web", image: "acme/web", ...web },
    { service: "api", image: "acme/api", routes: [route("api.localhost")] },
  ]);

const routesOfNow = (project: Project): ObservedRouter => {
  const { steps } = plan(project);
  const configure = steps.find((step) => step.kind === "configure-router");
  const upstreams = startsOf(steps).flatMap(({ host, routed }) =>
    routed ? [[host, upstreamLines(routed, [`id-${host}`])] as const] : [],
  );
  const config = configure?.config;
  return { host: "reyns-router-main", config, upstreams: new Map(upstreams) };
};

const today = shop({ routes: [route("new.localhost")] });
const router = routesOfNow(today);
const versionOf = (web: Partial<InstanceDefinition>): StartInstance =>
  startOf(plan(shop(web)).steps, "web-one");

test("a version with the routes that are served needs no others", () => {
  expect(haveOtherRoutes([versionOf({ routes: [route("new.localhost")] })], router)).toBe(false);
  expect(haveOtherRoutes([versionOf({ routes: [route("old.localhost")] })], router)).toBe(true);
  expect(haveOtherRoutes([versionOf({})], router)).toBe(true);
});

test("the routes of a version replace those of its instance, and leave all others", () => {
  const start = versionOf({ routes: [route("old.localhost")] });
  const instances = startsOf(plan(today).steps).map((step) => started(step));
  const [step] = planRollbackRoutes([start], { project: today, router, instances });
  expect(servedRoutes(step?.config ?? "").map(({ host }) => host)).toEqual([
    "api.localhost",
    "old.localhost",
  ]);
  expect(step).toMatchObject({
    after: ["start web-one"],
    changes: [
      { field: "new.localhost", before: "web-one", after: null },
      { field: "old.localhost", before: null, after: "web-one" },
    ],
  });
  expect(step?.instances.map(({ host, isKept }) => [host, isKept])).toContainEqual([
    "api-one",
    true,
  ]);
});

test("an instance whose version has no route gets no requests", () => {
  const scene = { project: today, router, instances: [] };
  const [step] = planRollbackRoutes([versionOf({})], scene);
  expect(servedRoutes(step?.config ?? "").map(({ host }) => host)).toEqual(["api.localhost"]);
  expect(step?.instances.map(({ host }) => host)).toEqual(["api-one"]);
});
