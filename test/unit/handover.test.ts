// In which order a routed instance is replaced, and what a call that was killed has left beside it.
import { expect, test } from "bun:test";
import type { InstanceDefinition } from "../../src/model/project.ts";
import type { Observed, ObservedInstance } from "../../src/model/observed.ts";
import { defaultRouter, routerFields } from "../../src/model/routes.ts";
import { planClean, planStop } from "../../src/plan/lifecycle-plan.ts";
import { findRollback, planRollback } from "../../src/plan/rollback-plan.ts";
import { observed, plan, projectOf, started, startOf } from "./support/planning.ts";

const route = {
  host: "shop.localhost",
  path: "/",
  port: 80,
  strip: false,
  sticky: false,
  protocol: "http",
} as const;
const router = {
  service: "reyns-router",
  instance: "main",
  image: "reyns/reyns-router",
  ...routerFields({ ...defaultRouter, https: undefined }),
};
const web = { service: "web", image: "nginx", routes: [route] };

type Given = Partial<InstanceDefinition>;

function projectWith(given: Given, others: readonly (Given & { readonly service: string })[] = []) {
  return projectOf([router, { ...web, ...given }, ...others]);
}

/** A network of the project's, with these addresses in use. */
function networkOf({ spec }: ReturnType<typeof startOf>, used: readonly string[]) {
  const name = spec.network?.name ?? "";
  const users = used.map((address) => ({ id: address, name: address, address }));
  const base = { id: "n", name, project: "shop", origin: "/home/me/shop", definition: undefined };
  return { ...base, subnets: ["10.200.0.0/20"], settings: {}, users };
}

const before = plan(projectWith({}), { observed: observed({ images: ["nginx"] }) }).steps;
const [routerStart, webStart] = [startOf(before, "reyns-router-main"), startOf(before, "web-one")];
const address = webStart.address;

function seen(given: Partial<ObservedInstance> = {}, more: Partial<Omit<Observed, "images">> = {}) {
  const instances = [started(routerStart), started(webStart, { hasEntrypoint: false, ...given })];
  return observed({
    instances,
    images: ["nginx"],
    networks: [networkOf(webStart, [routerStart.address, address])],
    ...more,
  });
}

/** What a run plans for the web when its command has changed. */
function replaced(
  given: Given = {},
  others: Parameters<typeof projectWith>[1] = [],
  state: Partial<ObservedInstance> = {},
) {
  const project = projectWith({ command: ["other"], ...given }, others);
  return startOf(plan(project, { observed: seen(state) }).steps, "web-one");
}

const networks = [{ name: webStart.spec.network?.name ?? "", address }];

test("a routed instance is replaced start-first, with another address wherever its step has one", () => {
  const step = replaced({}, [], { networks });
  expect(step.replacing).toEqual({ order: "start-first", reasons: ["it has a route"] });
  expect(step.address).not.toBe(address);
  expect(step.spec.network?.address).toBe(step.address);
  expect(step.ready).toMatchObject({ address: step.address });
  expect(step.predecessor).toBe("id-web-one");
  expect(step.spec.name).toBe(webStart.spec.name);
});

test("the next replacement takes the first address again", () => {
  const { address: other } = replaced({}, [], { networks });
  const elsewhere = [{ name: networks[0]?.name ?? "", address: other }];
  const state = { networks: elsewhere, address: other };
  const project = projectWith({ command: ["other"] });
  const network = networkOf(webStart, [routerStart.address, other]);
  const { steps } = plan(project, { observed: seen(state, { networks: [network] }) });
  expect(startOf(steps, "web-one").address).toBe(address);
});

test.each([
  [
    "publishes a port",
    { ports: [{ container: 80, host: 8080, protocol: "tcp" }] },
    "it publishes port 8080",
  ],
  [
    "has a free port",
    { ports: [{ container: 80, host: 0, protocol: "tcp" }] },
    "it keeps the free port it was given",
  ],
  ["writes to a volume", { volumes: ["data:/data"] }, "it writes to /data, which is mounted"],
  [
    "has a fixed address",
    { networks: [{ network: "default", aliases: [], ipv4: "10.200.0.40" }] },
    "its address 10.200.0.40 is fixed",
  ],
  [
    "has a fixed MAC address",
    { runtime: { macAddress: "02:42:ac:11:00:02" } },
    "its address 02:42:ac:11:00:02 is fixed",
  ],
  ["is in the host's network", { properties: { nethost: true } }, "it is in the host's network"],
  ["asks for it", { replace: "stop-first" }, "requested by replace"],
] as const)(
  "an instance that %s is replaced stop-first, and the plan says why",
  (_, given, reason) => {
    const { replacing } = replaced(given, [], { networks });
    expect(replacing?.order).toBe("stop-first");
    expect(replacing?.reasons).toContain(reason);
  },
);

test("an instance that another one links to is replaced stop-first: the link has its address", () => {
  const api = {
    service: "api",
    image: "nginx",
    links: [{ name: "web", target: { service: "web", instance: null } }],
  };
  expect(replaced({}, [api], { networks }).replacing).toEqual({
    order: "stop-first",
    reasons: ["api-one links to its address"],
  });
});

test("a volume of its image keeps an instance from start-first, unless it is asked for", () => {
  const mounts = [
    { source: "/x", target: "/data", readOnly: false, volume: `${webStart.spec.name}.data` },
  ];
  expect(replaced({}, [], { networks, mounts }).replacing?.reasons).toEqual([
    "it writes to /data, a volume of its image",
  ]);
  const asked = replaced({ replace: "start-first", volumes: ["data:/srv"] }, [], {
    networks,
    mounts,
  });
  expect(asked.replacing?.order).toBe("start-first");
});

test("start-first that is asked for and cannot be had is a mistake, and so is drain without a route", () => {
  const ports = [{ container: 80, host: 8080, protocol: "tcp" as const }];
  expect(() => replaced({ replace: "start-first", ports })).toThrow(
    "web-one cannot be replaced start-first: it publishes port 8080",
  );
  expect(() => plan(projectOf([{ service: "web", image: "nginx", drain: 3 }]))).toThrow(
    "web-one has no route, and drain is for instances behind a router()",
  );
});

test("an instance that does not run is started in its place", () => {
  const step = replaced({}, [], { networks, state: "exited" });
  expect(step.replacing).toBeUndefined();
  expect(step.address).toBe(address);
});

test("an unfinished earlier replacement comes first", () => {
  const step = replaced({}, [], { networks, predecessor: "id-former", isPredecessorUp: true });
  expect(step.replacing?.reasons).toEqual(["an earlier replacement is unfinished"]);
});

test("a container that was started beside is removed before another one is, and a former one after the requests have moved", () => {
  const project = projectWith({ command: ["other"] });
  const { steps } = plan(project, { observed: seen({ networks, successor: "id-next" }) });
  const leftover = steps.find(({ id }) => id === "remove id-next");
  expect(leftover).toMatchObject({ containerId: "id-next" });
  // The versions of the instance are kept.
  expect(leftover).not.toHaveProperty("project");
  expect(startOf(steps, "web-one").after).toContain("remove id-next");

  const left = { networks, predecessor: "id-former", isPredecessorUp: true };
  const healed = plan(projectWith({}), { observed: seen(left) }).steps;
  const removal = healed.find(({ id }) => id === "remove id-former");
  expect(removal).toMatchObject({ draining: { seconds: 10 } });
  expect(removal?.after).toEqual(
    healed
      .filter(({ kind }) => ["await-instance", "configure-router"].includes(kind))
      .map(({ id }) => id),
  );
  expect(removal?.after).toHaveLength(2);
});

test("stop and clean remove what was left beside an instance, but for a former container to go back to", () => {
  const both = started(webStart, {
    predecessor: "id-former",
    isPredecessorUp: true,
    successor: "id-next",
  });
  const idsOf = (steps: readonly { readonly id: string }[]): string[] =>
    steps.map(({ id }) => id).toSorted();
  expect(idsOf(planStop([both], [both]))).toEqual([
    "remove id-former",
    "remove id-next",
    "stop id-web-one",
  ]);
  expect(idsOf(planClean([both], [both], []))).toEqual([
    "remove id-former",
    "remove id-next",
    "remove id-web-one",
  ]);
  const kept = started(webStart, { predecessor: "id-former" });
  expect(idsOf(planStop([kept], [kept]))).toEqual(["stop id-web-one"]);
});

test("a rollback of a routed instance is start-first, at another address than what runs has", () => {
  const versions = [1, 2].map((version) => ({
    version,
    startedAt: "2026-01-01T00:00:00.000Z",
    secrets: [],
    start: webStart,
  }));
  const instance = started(webStart, { version: 2, networks });
  const rollback = findRollback({ instance, versions }, undefined);
  const [step] = planRollback([rollback], {}, [networkOf(webStart, [address])]);
  expect(step?.replacing?.order).toBe("start-first");
  expect(step?.address).not.toBe(address);
});
