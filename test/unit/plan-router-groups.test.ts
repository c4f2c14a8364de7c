import { describe, expect, test } from "bun:test";
import type { ObservedInstance } from "../../src/model/observed.ts";
import type { Project } from "../../src/model/project.ts";
import type { Step } from "../../src/model/steps.ts";
import { text } from "./support/definitions.ts";
import { observed, plan, projectOf } from "./support/planning.ts";
import {
  routerDefinition,
  type RoutedDefinition,
  routed,
  configureIn,
  runningProject,
} from "./support/router.ts";

const images = ["acme/web", "acme/db"];

describe("an instance of another group than the router", () => {
  const dns = {
    service: "reyns-dns",
    instance: "main",
    group: "front",
    image: "reyns/reyns-dns",
    env: { SERVICE_IP: text("10.0.0.1") },
  } as const;
  const remote = (given: Partial<RoutedDefinition> = {}): RoutedDefinition =>
    routed("shop.localhost", {
      instance: "two",
      group: "back",
      ports: [{ container: 80, host: 8080, protocol: "tcp" }],
      env: {
        SERVICE_IP: text("10.0.0.2"),
        DNS_SERVICE_IP: text("10.0.0.1"),
      },
      ...given,
    });
  const both = (given?: Partial<RoutedDefinition>): Project =>
    projectOf([
      { ...routerDefinition, group: "front" },
      dns,
      routed("shop.localhost", { group: "front" }),
      remote(given),
    ]);
  const upstreamsOf = (steps: readonly Step[]): unknown =>
    configureIn(steps)?.instances.map(({ host, remoteName, routes: [route] }) => [
      host,
      remoteName,
      route?.port,
    ]);

  test("is an upstream by its name in the DNS, at the port that it publishes", () => {
    const { steps, warnings } = plan(both(), { group: "front" });
    expect(upstreamsOf(steps)).toEqual([
      ["web-one", undefined, 80],
      ["web-two", "web-two.local.zone", 8080],
    ]);
    expect(configureIn(steps)?.changes).toEqual([
      { field: "shop.localhost", before: null, after: "web-one, web-two on another machine" },
    ]);
    expect(warnings).toEqual([]);
    expect(plan(both(), { group: "back" }).warnings).toEqual([]);
  });

  test("is left alone by a run that changes nothing, and takes its requests here where it runs here", () => {
    const scene = runningProject(both());
    const known = new Map(scene.router.upstreams);
    const [key = ""] = known.get("web-two")?.[0]?.split(" ") ?? [];
    known.set("web-two", [`${key} web-two.local.zone 8080`]);
    const router = { ...scene.router, upstreams: known };
    const apart = scene.instances.filter(({ host }) => host !== "web-two");
    const see = (instances: readonly ObservedInstance[]): Step[] => [
      ...plan(both(), { group: "front", observed: observed({ instances, router, images }) }).steps,
    ];
    expect(see(apart)).toEqual([]);
    expect(upstreamsOf(see(scene.instances))).toContainEqual(["web-two", undefined, 80]);
  });

  test("gets a warning where it starts with each thing that keeps the router from it", () => {
    const warningsOf = (given: Partial<RoutedDefinition>): readonly string[] =>
      plan(both(given), { group: "back" }).warnings;
    const lacks =
      "web-two gets no requests from a router on another machine (group front): it lacks ";
    expect(warningsOf({ ports: [], env: {} })).toEqual([
      `${lacks}a fixed port for 80, such as ports: ["8080:80"]`,
      `${lacks}SERVICE_IP, the address of this machine`,
      `${lacks}a name in the project's DNS`,
    ]);
    for (const port of [{ host: 0 }, { host: 8080, ip: "127.0.0.1" }])
      expect(warningsOf({ ports: [{ container: 80, protocol: "tcp", ...port }] })).toHaveLength(1);
    expect(upstreamsOf(plan(both({ ports: [] }), { group: "front" }).steps)).toHaveLength(1);
  });
});
