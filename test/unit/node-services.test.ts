import { expect, test } from "bun:test";
import type { RunOptions } from "../../src/cli/commands/run/options.ts";
import { withServicesOnNodes } from "../../src/cli/commands/run/services-on-nodes.ts";
import { testedServiceErrors } from "../../src/cli/commands/run/tested-services.ts";
import { plainSelection } from "../../src/plan/select/selection.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { defineInstance, type Conf, type Project } from "../../src/model/project.ts";
import { nodesOf } from "../../src/model/nodes.ts";
import { serviceGroupErrors } from "../../src/plan/nodes/selections.ts";
import { assignServices, settleServices } from "../../src/plan/nodes/services.ts";
import { resolveNodes } from "../../src/project/nodes.ts";
import { greetingTo } from "./support/greeting.ts";
import {
  observed,
  plan,
  projectOf as planProject,
  started,
  startOf,
  startsOf,
} from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

const at = { file: "reyns.ts" };
const nodes = Object.fromEntries(
  ["one", "two"].map((name, index) => [name, { endpoint: `ssh://10.0.0.${index + 1}`, at }]),
);
const swarmWith = (...constraints: readonly string[]) => ({
  ...{ replicas: 2, order: "stop-first", parallelism: 1, delay: 0, monitor: 5 },
  ...{ onFailure: "rollback", placement: { constraints, spread: [] } },
});
type Settings = ReturnType<typeof defineInstance>["swarm"];

function confOf(group: string | undefined, swarm: object | undefined): Conf {
  const service = (name: string, where: string | undefined, settings?: object) =>
    defineInstance({
      ...{ service: name, instance: "one", image: "x", group: where, at },
      swarm: settings as Settings,
    });
  return {
    ...{ name: "default", file: "reyns.ts", sequential: false, nodes },
    instances: [service("web", "two"), service("api", group, swarm)],
  };
}

const projectOf = (conf: Conf): Project => ({ name: "shop", origin: "/shop", conf }) as Project;
const ids = new Map([
  ["one", "id1"],
  ["two", "id2"],
]);
const settle = (group: string | undefined, ...constraints: readonly string[]) => {
  const conf = confOf(group, swarmWith(...constraints));
  const { project, errors } = settleServices(projectOf(conf), { manager: "one", ids });
  const api = project.conf.instances.find(({ service }) => service === "api");
  return { errors, group: api?.group, constraints: api?.swarm?.placement.constraints };
};

test("a service needs no group, and a conf of services alone runs on the nodes", async () => {
  await using folder = await projectFolder({});
  const { errors } = resolveNodes(confOf(undefined, swarmWith()), folder.folder);
  expect(errors).toEqual([]);
  const elsewhere = resolveNodes(confOf("three", swarmWith()), folder.folder).errors;
  expect(elsewhere.map(({ message }) => message)).toEqual([
    'api-one is in the group "three", so on no node',
  ]);
  const conf = confOf(undefined, swarmWith());
  expect(nodesOf({ ...conf, instances: conf.instances.slice(1) })).toHaveLength(2);
});

test("a service is the manager's, with its tasks where its group or its placement has them", () => {
  expect(settle(undefined, "node.role==worker")).toEqual({
    ...{ errors: [], group: "one", constraints: ["node.role==worker"] },
  });
  expect(settle("two").constraints).toEqual(["node.id==id2"]);
  expect(settle(undefined, "node.hostname==two", "node.hostname==other").constraints).toEqual([
    "node.id==id2",
    "node.hostname==other",
  ]);
});

test("a machine outside of the swarm can have no tasks, which is said at their place", () => {
  const conf = confOf("two", swarmWith());
  const { errors } = settleServices(projectOf(conf), { manager: "one", ids: new Map() });
  expect(errors.map(({ message, at: place }) => [message, place?.file])).toEqual([
    [
      "api-one: its tasks are to run on two, which is not in the swarm of the other machines",
      "reyns.ts",
    ],
  ]);
});

test("a link to a service leads to no address, and is a mistake at its place", () => {
  const [web, api] = confOf(undefined, swarmWith()).instances;
  if (!web || !api) throw new Error("no instances");
  const links = [{ name: "api", target: { service: "api", instance: null } }];
  const conf = { ...confOf(undefined, undefined), instances: [{ ...web, links }, api] };
  const { errors } = settleServices(projectOf(conf), { manager: "one", ids });
  expect(errors.map(({ message }) => message)).toEqual([
    "web-one links to api-one, whose tasks have addresses of Swarm's choice",
  ]);
});

test("a call without a manager leaves services out, and what comes after them starts", async () => {
  await using folder = await projectFolder({});
  const socket = `${folder.folder}/worker.sock`;
  const server = Bun.serve({
    unix: socket,
    fetch: (request) => {
      const Swarm = { LocalNodeState: "active", NodeID: "two", ControlAvailable: false };
      return (
        greetingTo(request) ?? Response.json({ Swarm }, { headers: { "Api-Version": "1.41" } })
      );
    },
  });
  try {
    const members = [
      { name: "two", engine: await openEngine({ DOCKER_HOST: `unix://${socket}` }) },
    ];
    for (const group of [undefined, "two"]) {
      const [web, api] = confOf(group, swarmWith()).instances;
      if (!web || !api) throw new Error("no instances");
      const after = [{ service: "api", instance: null }];
      const whole = planProject([{ ...web, after }, api]);
      const conf = { ...whole.conf, nodes };
      const selections = [plainSelection("all")];
      const options: Partial<RunOptions> = { project: { ...whole, conf }, selections };
      const { project } = await withServicesOnNodes(options as RunOptions, {
        members,
        nodes: nodesOf(conf),
      });
      const left = "api-one: left as it is: no machine of this call is a manager of a swarm";
      expect(project.conf.warnings).toEqual([left]);
      const service = started(startOf(plan(whole, { service: "api" }).steps, "api-one"), asService);
      const planned = (...instances: readonly ObservedInstance[]) =>
        plan(project, {
          ...{ group: "two", deps: true, prune: true },
          observed: observed({ images: ["x"], instances }),
        });
      expect(startsOf(planned().steps).map(({ host }) => host)).toEqual(["web-one"]);
      expect(planned(service).orphans).toEqual([]);
    }
  } finally {
    await server.stop(true);
  }
});

test("a group of services alone is not run, with the call that runs them", () => {
  const { origin, ...project } = projectOf(confOf("two", swarmWith()));
  const [web, api] = project.conf.instances;
  if (!web || !api) throw new Error("no instances");
  const alone = { ...project, origin, conf: { ...project.conf, instances: [api] } };
  const errorsOf = (service: string, given: Project, manager?: string): unknown[] =>
    serviceGroupErrors([{ ...plainSelection(service), group: "two" }], given, manager).map(
      ({ message, hint }) => [message, hint],
    );
  const why =
    "a manager of the swarm plans these for all machines: leave out group=, and name them:";
  expect(errorsOf("all", alone, "one")).toEqual([
    ['the group "two" has Swarm services only: api', `${why} reyns run api`],
  ]);
  const copy = { ...alone, origin: "/shop//copy:trial" };
  expect(errorsOf("a*", copy)).toEqual([
    ['a* in the group "two" means Swarm services only: api', `${why} reyns run api copy=trial`],
  ]);
  expect(errorsOf("all", alone, "two")).toEqual([]);
  expect(errorsOf("all", { ...project, origin }, "one")).toEqual([]);
});

const instance = (host: string, more: Partial<ObservedInstance> = {}): ObservedInstance =>
  ({ host, id: `${host}-id`, ...more }) as ObservedInstance;
const asService = { swarm: { desired: 2, running: 2, replicas: 2, update: undefined } };
const assign = (conf: Conf, ...lists: readonly (readonly ObservedInstance[])[]): string[][] =>
  assignServices(
    ["one", "two"].map((node, index) => ({
      node,
      observed: observed({ instances: lists[index] ?? [] }),
    })),
    projectOf(conf),
  ).map(({ instances }) => instances.map(({ host, swarm }) => `${swarm ? "service " : ""}${host}`));

test("each service is one node's, also where its definition is gone", () => {
  const listed = [instance("api-one", asService), instance("old-one", asService)];
  const conf = confOf("two", swarmWith());
  expect(assign(conf, listed, [instance("web-one"), ...listed])).toEqual([
    ["service old-one"],
    ["web-one", "service api-one"],
  ]);
});

test("what becomes a service, or is none any more, is the node's that plans what it becomes", () => {
  const web = instance("web-one");
  expect(assign(confOf("one", swarmWith()), [], [web, instance("api-one")])).toEqual([
    ["api-one"],
    ["web-one"],
  ]);
  const service = instance("api-one", asService);
  expect(assign(confOf("two", undefined), [service], [web, service])).toEqual([
    [],
    ["web-one", "service api-one"],
  ]);
});

test("a container that a killed call has kept on another node stays known with its service", () => {
  const former = instance("api-one", { ...asService, predecessor: "former" });
  const lists = [[instance("api-one", asService)], [former]];
  const parts = ["one", "two"].map((node, index) => ({
    node,
    observed: observed({ instances: lists[index] ?? [] }),
  }));
  const [first, second] = assignServices(parts, projectOf(confOf("one", swarmWith())));
  expect(first?.instances).toEqual([former]);
  expect(second?.instances).toEqual([]);
});

test("a conf that requires a receipt refuses a service on several machines, at its place", () => {
  const required = { ...confOf(undefined, swarmWith()), receipt: "required" } as const;
  const { errors } = resolveNodes(required, "/nowhere");
  expect(errors.map(({ message, at: place }) => [message.slice(0, 35), place?.path])).toEqual([
    ["api is a service of Docker Swarm, w", ["swarm"]],
  ]);
  expect(resolveNodes(confOf(undefined, swarmWith()), "/nowhere").errors).toEqual([]);
});

test("a run by receipt refuses the services that it selects, and no others", () => {
  const project = { ...projectOf(confOf(undefined, swarmWith())), services: new Map() };
  const refused = (service: string): string[] =>
    testedServiceErrors({ project, selections: [plainSelection(service)] }).map(
      ({ message }) => message,
    );
  expect(refused("all")).toHaveLength(1);
  expect(refused("api")[0]).toStartWith("api is a service of Docker Swarm");
  expect(refused("web")).toEqual([]);
});
