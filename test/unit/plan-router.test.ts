import { expect, test } from "bun:test";
import type { ObservedInstance } from "../../src/model/observed.ts";
import type { Project } from "../../src/model/project.ts";
import type { ObservedRouter } from "../../src/model/router-steps.ts";
import { planRestart, planStop } from "../../src/plan/lifecycle-plan.ts";
import type { Step } from "../../src/model/steps.ts";
import { reportPlan } from "../../src/plan/plan-report.ts";
import { observed, plan, projectOf, startOf, started, startsOf } from "./support/planning.ts";
import {
  routerDefinition,
  type RoutedDefinition,
  routed,
  configureIn,
  runningProject,
} from "./support/router.ts";

const shop = (...instances: readonly RoutedDefinition[]): Project =>
  projectOf([routerDefinition, ...instances, { service: "db", instance: "one", image: "acme/db" }]);

const images = ["acme/web", "acme/db"];

test("a new router is told its routes as soon as it runs, and routed instances start after it", () => {
  const { steps } = plan(shop(routed("shop.localhost")));
  expect(configureIn(steps)?.after).toEqual(["start reyns-router-main"]);
  const { routed: of, after } = startOf(steps, "web-one");
  expect(of?.routes).toMatchObject([{ port: 80 }]);
  expect(after).toContain("start reyns-router-main");
  expect(startOf(steps, "db-one").after).not.toContain("start reyns-router-main");
});

test("nothing is planned for a router that has the routes and the containers that run", () => {
  const project = shop(routed("shop.localhost"));
  expect(
    plan(project, { observed: observed({ ...runningProject(project), images }) }).steps,
  ).toEqual([]);
});

test("a changed route is a change of the router, and of no instance", () => {
  const before = shop(routed("shop.localhost"));
  const after = shop(routed("www.localhost"));
  const changed = plan(after, { observed: observed({ ...runningProject(before), images }) });
  expect(reportPlan(changed, new Map())).toEqual([
    {
      action: "update",
      kind: "routes",
      name: "routes",
      reason: "other routes",
      changes: [
        { field: "shop.localhost", before: "web-one", after: null },
        { field: "www.localhost", before: null, after: "web-one" },
      ],
    },
  ]);
});

test("a router whose upstream is another container is told, and one whose instance starts is not", () => {
  const project = shop(routed("shop.localhost"));
  const scene = runningProject(project);
  const other = scene.instances.map((one) =>
    one.host === "web-one" ? { ...one, id: "another-container" } : one,
  );
  const told = plan(project, { observed: observed({ ...scene, instances: other, images }) });
  expect(told.steps).toMatchObject([{ kind: "configure-router", reason: "other containers" }]);
  const gone = scene.instances.filter(({ host }) => host !== "web-one");
  const { steps } = plan(project, { observed: observed({ ...scene, instances: gone, images }) });
  expect(steps.map(({ kind }) => kind)).toEqual(["start-instance"]);
});

test("another version of Reyns keeps the configuration of the same routes, and replaces the router for others", () => {
  const before = shop(routed("shop.localhost"));
  const { instances, router: known } = runningProject(before);
  const config = known.config?.replace('"level":"WARN"', '"level":"INFO"');
  expect(config).not.toBe(known.config);
  const other = { ...known, config, assets: "another version" };
  const see = { observed: observed({ instances, router: other, images }) };
  expect(plan(before, see).steps).toEqual([]);
  const { changes } = plan(shop(routed("www.localhost")), see);
  expect(changes.get("reyns-router-main")).toEqual(["newer image"]);
});

test("a route that is added with its instance is served when that is ready", () => {
  const before = shop(routed("shop.localhost"));
  const after = shop(routed("shop.localhost"), routed("api.localhost", { service: "api" }));
  const { steps } = plan(after, { observed: observed({ ...runningProject(before), images }) });
  expect(configureIn(steps)?.after).toEqual(["start api-one"]);
});

test("run of one service brings the router, and nothing else of the project", () => {
  const { steps } = plan(shop(routed("shop.localhost")), { service: "web", deps: true });
  expect(
    startsOf(steps)
      .map(({ host }) => host)
      .toSorted(),
  ).toEqual(["reyns-router-main", "web-one"]);
});

test("an instance that stops leaves the router first, unless the router goes as well", () => {
  const { instances } = runningProject(shop(routed("shop.localhost")));
  const of = (host: string): ObservedInstance[] => instances.filter((one) => one.host === host);
  const [stop] = planStop(of("web-one"), instances);
  expect(stop).toMatchObject({ router: expect.stringContaining("reyns-router-main") });
  const [early] = planStop(
    of("web-one").map((one) => ({ ...one, after: [] })),
    instances,
  );
  expect(early).toMatchObject({ router: expect.stringContaining("reyns-router-main") });
  expect(planStop(instances, instances).some((step) => "router" in step)).toBe(false);
  const [restart] = planRestart(of("web-one"), undefined, instances);
  expect(restart?.router).toContain("reyns-router-main");
});

test("a session in a terminal gets no requests", () => {
  const project = shop(routed("shop.localhost"));
  const scene = runningProject(project);
  const session = { service: "web", isNew: true, properties: { interactive: true } };
  const { steps } = plan(project, { ...session, observed: observed({ ...scene, images }) });
  const sessions = startsOf(steps).map((step) => started(step, { isAttached: true }));
  expect(sessions).toHaveLength(1);
  expect(configureIn(steps)).toBeUndefined();
  const instances = [...scene.instances, ...sessions];
  expect(plan(project, { observed: observed({ ...scene, instances, images }) }).steps).toEqual([]);
});

test("an instance that is paused keeps its upstreams", () => {
  const project = shop(routed("shop.localhost"));
  const scene = runningProject(project);
  const instances = scene.instances.map((one) =>
    one.host === "web-one" ? { ...one, state: "paused" } : one,
  );
  const { steps } = plan(project, { observed: observed({ ...scene, instances, images }) });
  expect(steps.map(({ kind }) => kind)).toEqual(["restart-instance"]);
  const other = { service: "db", observed: observed({ ...scene, instances, images }) };
  expect(configureIn(plan(project, other).steps)).toBeUndefined();
});

test("an instance that is paused stays out of a router that sends it no requests", () => {
  const project = shop(routed("shop.localhost"));
  const scene = runningProject(project);
  const instances = scene.instances.map((one) =>
    one.host === "web-one" ? { ...one, state: "paused" } : one,
  );
  const see = (router: ObservedRouter): readonly Step[] =>
    plan(project, { service: "db", observed: observed({ instances, router, images }) }).steps;
  const router = { ...scene.router, upstreams: new Map() };
  expect(configureIn(see(router))).toBeUndefined();
  const empty = configureIn(see({ ...router, config: undefined }));
  expect(empty?.instances).toMatchObject([{ host: "web-one", isKept: true }]);
});

test("without a router, no step is about one", () => {
  const { steps } = plan(projectOf([{ service: "web", instance: "one", image: "acme/web" }]));
  expect(configureIn(steps)).toBeUndefined();
  expect(startOf(steps, "web-one")).not.toHaveProperty("routed");
});
