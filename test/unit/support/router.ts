// Projects with a router.
import type { ObservedInstance } from "../../../src/model/observed.ts";
import type { InstanceDefinition, Project } from "../../../src/model/project.ts";
import {
  type ConfigureRouter,
  type ObservedRouter,
  upstreamLines,
} from "../../../src/model/router-steps.ts";
import { defaultRouter, routerFields } from "../../../src/model/routes.ts";
import type { Step } from "../../../src/model/steps.ts";
import { build, plan, started, startsOf } from "./planning.ts";

export const routerDefinition = {
  service: "reyns-router",
  instance: "main",
  ...routerFields(defaultRouter),
};

export type RoutedDefinition = Partial<InstanceDefinition> & { readonly service: string };

/** An instance that gets the requests to a host. */
export const routed = (host: string, given: Partial<RoutedDefinition> = {}): RoutedDefinition => ({
  service: "web",
  image: "acme/web",
  instance: "one",
  routes: [{ host, path: "/", port: 80, strip: false, sticky: false, protocol: "http" }],
  ...given,
});

/** The step of a plan that tells the router its routes. */
export const configureIn = (steps: readonly Step[]): ConfigureRouter | undefined =>
  steps.find((step) => step.kind === "configure-router");

/** All of a project that runs, and a router that knows it. */
export function runningProject(project: Project): {
  readonly instances: ObservedInstance[];
  readonly router: ObservedRouter;
} {
  const { steps } = plan(project);
  const instances = startsOf(steps).map((step) =>
    started(step, { isRouter: step.host === "reyns-router-main" }),
  );
  const upstreams = startsOf(steps).flatMap(({ host, routed: of }) =>
    of ? [[host, upstreamLines(of, [`id-${host}`])] as const] : [],
  );
  const config = configureIn(steps)?.config;
  const router = { host: "reyns-router-main", config, assets: build.assets };
  return { instances, router: { ...router, upstreams: new Map(upstreams) } };
}
