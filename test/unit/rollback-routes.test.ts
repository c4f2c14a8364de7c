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

const shop = (
  web: Partial<InstanceDefinition>,
  api: InstanceDefinition["routes"] = [route("api.localhost")],
): Project =>
  projectOf([
    { service: "reyns-router", instance: "main", ...routerFields(defaultRouter) },
    { service: "web", image: "acme/web", ...web },
    { service: "api", image: "acme/api", routes: api },
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

test("the routes of other services stay as they are served, whatever the definition says of them", () => {
  const start = versionOf({ routes: [route("old.localhost")] });
  const edited = shop({}, [{ ...route("other.localhost"), path: "/v2" }]);
  const [step] = planRollbackRoutes([start], { project: edited, router, instances: [] });
  expect(step?.changes).toEqual([
    { field: "new.localhost", before: "web-one", after: null },
    { field: "old.localhost", before: null, after: "web-one" },
  ]);
});

test("a route of another service keeps how it is served", () => {
  const routes = [
    { ...route("api.localhost"), path: "/v1", strip: true, sticky: true },
    { ...route("api.example.com"), protocol: "h2c" as const, tls: "internal" as const },
    route("shop.example.com"),
  ];
  const served = routesOfNow(shop({ routes: [route("new.localhost")] }, routes));
  const start = versionOf({ routes: [route("old.localhost")] });
  const edited = shop(
    {},
    routes.map(({ host }) => route(host)),
  );
  const [step] = planRollbackRoutes([start], { project: edited, router: served, instances: [] });
  const isApi = ({ host }: { readonly host: string }): boolean =>
    !host.endsWith(".localhost") || host.startsWith("api");
  expect(servedRoutes(step?.config ?? "").filter(isApi)).toEqual(
    servedRoutes(served.config ?? "").filter(isApi),
  );
});

test("the version that the definition describes leaves the next run no routes to change", () => {
  const start = versionOf({ routes: [route("new.localhost")] });
  const { config } = routesOfNow(shop({ routes: [route("later.localhost")] }));
  const [step] = planRollbackRoutes([start], {
    project: today,
    router: { ...router, config },
    instances: [],
  });
  expect(step?.config).toBe(router.config ?? "");
});

test("a route that only strips its path in the version is another one", () => {
  const [plain, stripping] = [false, true].map((strip) => ({
    routes: [{ ...route("new.localhost"), path: "/a", strip }],
  }));
  const served = routesOfNow(shop(plain ?? {}));
  expect(haveOtherRoutes([versionOf(plain ?? {})], served)).toBe(false);
  expect(haveOtherRoutes([versionOf(stripping ?? {})], served)).toBe(true);
});

test("an instance on another machine stays where it is", () => {
  const upstreams = new Map([...router.upstreams, ["api-two", ["rabc api-two.local.zone 8080"]]]);
  const [step] = planRollbackRoutes([versionOf({})], {
    project: today,
    router: { ...router, upstreams },
    instances: [],
  });
  expect(step?.instances).toContainEqual(
    expect.objectContaining({ host: "api-two", remoteName: "api-two.local.zone" }),
  );
});
