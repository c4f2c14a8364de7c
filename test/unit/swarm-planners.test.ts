// A service belongs to all machines: whichever manager plans it, it is the same, and runs on.
import { describe, expect, test } from "bun:test";
import { labels } from "../../src/model/labels.ts";
import { nodesOf } from "../../src/model/nodes.ts";
import { nothingObserved, type Observed, type ObservedInstance } from "../../src/model/observed.ts";
import type { InstanceDefinition, Project } from "../../src/model/project.ts";
import { ownNetwork } from "../../src/model/resource-names.ts";
import { shareNetwork } from "../../src/plan/nodes/overlay.ts";
import { settleServices } from "../../src/plan/nodes/services.ts";
import { valuesOnNode } from "../../src/plan/nodes/values.ts";
import type { RunPlan } from "../../src/plan/run-plan.ts";
import { withDefaultNetwork } from "../../src/project/default-network.ts";
import { observed, plan, projectOf, started, startOf, startsOf } from "./support/planning.ts";

const at = { file: "/home/me/shop/reyns.ts" };
const names = ["one", "two"] as const;
const nodes = Object.fromEntries(
  names.map((name, index) => [name, { endpoint: `ssh://10.0.0.${index + 1}`, at }]),
);
const swarm: NonNullable<InstanceDefinition["swarm"]> = {
  ...{ replicas: 2, order: "stop-first", parallelism: 1, delay: 0, monitor: 5 },
  ...{ onFailure: "rollback", placement: { constraints: [], spread: [] } },
};
const mesh = { external: false, driver: "overlay", attachable: true, at } as const;

/** A conf with the DNS on the first machine, and services in the network of all machines, or in one of their own. */
function shop(isSpanning: boolean, services: readonly Partial<InstanceDefinition>[]): Project {
  const own = isSpanning ? {} : { networks: [{ network: "mesh", aliases: [] }] };
  const project = projectOf([
    { service: "reyns-dns", instance: "main", group: "one" },
    { service: "web", image: "x", group: "two" },
    ...services.map((service) => ({ service: "api", swarm, ...own, ...service })),
  ]);
  const networks = isSpanning
    ? { [ownNetwork]: { external: false, driver: "overlay", isSpanning: true, at } }
    : { mesh };
  return { ...project, conf: withDefaultNetwork({ ...project.conf, nodes, networks }) };
}

interface Shown {
  readonly instances?: readonly ObservedInstance[];
  readonly caller?: Record<string, string>;
  readonly hostConf?: Record<string, string>;
}

/** Plans on a machine that is a manager, with the DNS and other instances that its Engine shows. */
function planOn(
  project: Project,
  manager: (typeof names)[number],
  { instances = [], caller = {}, hostConf = {} }: Shown = {},
): RunPlan {
  const ids = new Map(names.map((name) => [name, `id-${name}`]));
  const settled = settleServices(project, { manager, ids }).project;
  const members = nodesOf(settled.conf);
  const node = members.find(({ name }) => name === manager);
  if (!node) throw new Error("no node");
  const isSpanning = project.conf.networks?.[ownNetwork]?.isSpanning === true;
  const shared: Partial<Observed> = isSpanning
    ? shareNetwork(
        settled,
        members.map((one) => ({ node: one, observed: nothingObserved })),
        { caller: {}, hostConf: {} },
      )
    : {};
  const machine = valuesOnNode(settled, node, members, shared.settled);
  const { subnet = "10.200.0.0/20", networks, settled: addresses } = shared;
  return plan(settled, {
    ...{ group: manager, deps: true },
    observed: observed({
      ...{ images: ["shop/api", "x"], instances: [...instances], subnet },
      ...(networks && { networks }),
      ...(addresses && { settled: addresses }),
    }),
    sources: { caller: { ...caller, ...machine }, hostConf, interfaces: {} },
  });
}

const asService = { swarm: { desired: 2, running: 2, replicas: 2, update: undefined } };
const required = { kind: "required", secret: false, description: undefined } as const;

for (const isSpanning of [true, false])
  for (const [what, service] of [
    ["built on the base image", {}],
    ["of a ready image", { image: "x" }],
    ["that asks for the DNS", { image: "x", env: { DNS_SERVICE_IP: required } }],
  ] as const) {
    const where = isSpanning ? "the network of all machines" : "a network of its own";
    test(`a service ${what}, in ${where}, is the same on another manager`, () => {
      const project = shop(isSpanning, [service]);
      const [first, second] = names.map((name) => startOf(planOn(project, name).steps, "api-one"));
      if (!first || !second) throw new Error("no starts");
      expect(second.spec.env).toEqual(first.spec.env);
      expect(second.spec.labels[labels.definition]).toBe(
        first.spec.labels[labels.definition] ?? "",
      );
      expect(first.spec.env).not.toContainKeys(["SERVICE_IP"]);
      expect(first.spec.env).not.toContainKeys(["PUBLISH_ON_IP"]);
      for (const start of [first, second])
        for (const name of names) {
          const { steps } = planOn(project, name, {
            instances: [started(start, asService)],
            caller: { SERVICE_IP: "10.9.9.9" },
          });
          expect(startsOf(steps).map(({ host }) => host)).not.toContain("api-one");
        }
    });
  }

for (const isSpanning of [true, false])
  describe(`without a DNS in its conf, in ${isSpanning ? "the network of all machines" : "a network of its own"}`, () => {
    const bare = (service: Partial<InstanceDefinition>): Project => {
      const project = shop(isSpanning, [service]);
      const instances = project.conf.instances.filter((one) => one.service !== "reyns-dns");
      return { ...project, conf: { ...project.conf, instances } };
    };
    const given = { DNS_SERVICE_IP: "10.9.9.9" };

    test("a service registers with the DNS that the environment or host.conf names", () => {
      for (const from of ["caller", "hostConf"] as const)
        for (const name of names) {
          const step = startOf(planOn(bare({}), name, { [from]: given }).steps, "api-one");
          expect(step.spec.env["DNS_SERVICE_IP"]).toBe(isSpanning ? "10.9.9.9" : undefined);
          expect(step.spec.dns?.servers).toEqual(isSpanning ? ["10.9.9.9"] : undefined);
        }
    });

    test("a service that asks for the DNS gets the address that is answered", () => {
      const asking = bare({ image: "x", env: { DNS_SERVICE_IP: required } });
      const { steps } = planOn(asking, "one", { hostConf: given });
      expect(startOf(steps, "api-one").spec.env).toMatchObject(given);
    });
  });

test("a service gets the address of a machine if its definition asks for it", () => {
  for (const [isSpanning, name] of [
    [false, "SERVICE_IP"],
    [false, "PUBLISH_ON_IP"],
    [true, "PUBLISH_ON_IP"],
  ] as const)
    for (const env of [
      { [name]: required },
      { WHERE: { kind: "variable", name, text: "10.7.7.7" } as const },
    ]) {
      const project = shop(isSpanning, [{ image: "x", env }]);
      const hostConf = { [name]: "10.8.8.8" };
      const { steps, missing } = planOn(project, "one", { hostConf });
      expect(missing).toEqual([]);
      const [key = ""] = Object.keys(env);
      expect(startOf(steps, "api-one").spec.env[key]).toMatch(/^10\.(8\.8\.8|0\.0\.1)$/);
    }
});

test("a service that an earlier version gave the address of a machine runs on", () => {
  const project = shop(true, [{ image: "x" }]);
  const planned = (address: string): string[] => {
    const env = { PUBLISH_ON_IP: { kind: "text", text: address } } as const;
    const before = startOf(planOn(shop(true, [{ image: "x", env }]), "one").steps, "api-one");
    const { steps } = planOn(project, "one", { instances: [started(before, asService)] });
    return startsOf(steps).map(({ host }) => host);
  };
  expect(planned("10.0.0.2")).not.toContain("api-one");
  expect(planned("10.7.7.7")).toContain("api-one");
});
