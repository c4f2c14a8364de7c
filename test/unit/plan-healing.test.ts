import { describe, expect, test } from "bun:test";
import { labels } from "../../src/model/labels.ts";
import { planStart } from "../../src/plan/lifecycle-plan.ts";
import type { ObservedInstance, ObservedKeeper } from "../../src/model/observed.ts";
import type { Step } from "../../src/model/steps.ts";
import { observed, plan, projectOf, started, startsOf } from "./support/planning.ts";

const images = ["postgres:17", "shop/web"];
const dns = { service: "reyns-dns", instance: "main" };
const project = projectOf([dns, { service: "db", image: "postgres:17" }, { service: "web" }]);
const first = plan(project, { observed: observed({ images }) }).steps;
const instances = startsOf(first).map((step) =>
  started(step, { hasEntrypoint: step.host !== "db-one" }),
);
const keeping = first.find((step) => step.kind === "keep-leases");
const keeper: ObservedKeeper = {
  id: "k",
  project: "shop",
  origin: project.origin,
  mounts: [],
  state: "running",
  isConnected: true,
  isRenamed: false,
  hasOldKeys: false,
  settings: keeping?.spec.labels[labels.definition] ?? "",
};

/** What a run does when everything is as it was left, but for this. */
function healed(given: Parameters<typeof observed>[0]): Step[] {
  return plan(project, {
    observed: observed({ images, instances, keeper, ...given }),
  }).steps.filter(({ kind }) => !kind.endsWith("-image"));
}

function withOne(host: string, given: Partial<ObservedInstance>): ObservedInstance[] {
  return instances.map((instance) =>
    instance.host === host ? { ...instance, ...given } : instance,
  );
}

test("a run does nothing when all is well", () => {
  expect(healed({})).toEqual([]);
});

test.each(["unhealthy", "starting"])("a run waits for what is %s until it is healthy", (health) => {
  const steps = healed({ instances: withOne("db-one", { health }) });
  expect(steps).toMatchObject([{ kind: "await-instance", host: "db-one" }]);
  expect(healed({ instances: withOne("db-one", { health: "healthy" }) })).toEqual([]);
});

describe("a run that starts nothing repairs a keeper that", () => {
  test.each<[string, ObservedKeeper | undefined, string | undefined, string]>([
    ["is missing", undefined, undefined, "ready images need one"],
    ["has stopped", { ...keeper, state: "exited" }, undefined, "stopped"],
    ["is paused", { ...keeper, state: "paused" }, "k", "paused"],
    ["never started", { ...keeper, state: "created" }, "k", "created"],
    ["ends again and again", { ...keeper, state: "restarting" }, "k", "restarting"],
    ["is disconnected", { ...keeper, isConnected: false }, "k", "not in the project's network"],
    ["is renamed", { ...keeper, isRenamed: true }, "k", "renamed, outside Reyns"],
    ["has old keys", { ...keeper, hasOldKeys: true }, "k", "the project's keys have changed"],
  ])("%s", (_, there, replaces, reason) => {
    const [step, ...more] = healed({ keeper: there });
    expect(more).toEqual([]);
    expect(step).toMatchObject({ kind: "keep-leases", reason, lines: keeping?.lines });
    expect(step).toHaveProperty("replaces", replaces);
  });
});

describe("a run repairs an instance that", () => {
  test.each<[string, string, Partial<ObservedInstance>, object]>([
    [
      "is paused",
      "web-one",
      { state: "paused" },
      {
        kind: "restart-instance",
        reason: "paused",
        resumes: true,
        stopFirst: false,
        ready: { kind: "prestartup" },
      },
    ],
    [
      "is the DNS, and paused",
      "reyns-dns-main",
      { state: "paused" },
      { kind: "restart-instance", resumes: true, ready: { kind: "dns" } },
    ],
    [
      "is renamed",
      "web-one",
      { containerName: "other" },
      { kind: "restart-instance", reason: "renamed, outside Reyns", resumes: true },
    ],
    [
      "is disconnected",
      "web-one",
      { address: undefined },
      { kind: "start-instance", reason: "not in its networks", predecessor: "id-web-one" },
    ],
    [
      "is disconnected and paused",
      "web-one",
      { address: undefined, state: "paused" },
      { kind: "start-instance", reason: "not in its networks" },
    ],
    [
      "ends again and again",
      "web-one",
      { state: "restarting" },
      { kind: "start-instance", reason: "it ends again and again" },
    ],
    [
      "has stopped",
      "web-one",
      { state: "exited" },
      { kind: "restart-instance", resumes: false, reason: "exited" },
    ],
    ["never started", "web-one", { state: "created" }, { kind: "start-instance" }],
    ["is dead", "web-one", { state: "dead" }, { kind: "start-instance" }],
  ])("%s", (_, host, given, step) => {
    const steps = healed({ instances: withOne(host, given) });
    expect(steps).toEqual([expect.objectContaining({ host })]);
    expect(steps).toMatchObject([step]);
  });

  test("is gone", () => {
    const others = instances.filter(({ host }) => host !== "web-one");
    expect(healed({ instances: others })).toMatchObject([
      { kind: "start-instance", reason: "not there yet" },
    ]);
  });

  test("has lost the project's network, with all the others", () => {
    const steps = healed({ subnet: undefined });
    expect(steps.filter(({ kind }) => kind === "create-network")).toHaveLength(1);
    const reasons = new Set(startsOf(steps).map(({ reason }) => reason));
    expect([...reasons]).toEqual(["not in its networks"]);
    expect(startsOf(steps)).toHaveLength(3);
  });

  test("is renamed and stopped: it gets its name back when it starts", () => {
    const gone = withOne("web-one", { state: "exited", containerName: "other" });
    const own = instances.find(({ host }) => host === "web-one")?.containerName;
    expect(healed({ instances: gone })).toMatchObject([{ resumes: false, name: own }]);
  });
});

test("a paused instance of which the definition has changed is replaced", () => {
  const changed = withOne("web-one", { state: "paused", definition: "{}" });
  expect(healed({ instances: changed })).toMatchObject([
    { kind: "start-instance", host: "web-one" },
  ]);
});

test("start lets a paused instance go on, and starts a stopped one", () => {
  const chosen = [...withOne("web-one", { state: "paused" })].map((instance) =>
    instance.host === "db-one" ? { ...instance, state: "exited" } : instance,
  );
  const steps = planStart(chosen.filter(({ state }) => state !== "running"));
  expect(steps.map((step) => ("resumes" in step ? [step.title, step.resumes] : []))).toEqual([
    ["db-one", false],
    ["web-one", true],
  ]);
  expect(steps[1]).toMatchObject({ stopFirst: false, ready: { kind: "prestartup" } });
});

test("a paused instance that a terminal is attached to goes on, changed or not", () => {
  const attached = withOne("web-one", { state: "paused", definition: "{}", isAttached: true });
  expect(healed({ instances: attached })).toMatchObject([{ host: "web-one", resumes: true }]);
});

describe("an instance that is ready when it has started", () => {
  const ready = { kind: "started" } as const;
  const own = projectOf([{ service: "web", instance: "one", image: "web", ready }]);
  const given = { images: ["web"] };
  const running = startsOf(plan(own, { observed: observed(given) }).steps).map((step) =>
    started(step, { hasEntrypoint: false }),
  );
  const paused = running.map((instance) => ({ ...instance, state: "paused" }));
  const check = { kind: "check", check: ready };

  test("is that when it goes on after a pause, too", () => {
    const seen = observed({ ...given, instances: paused });
    const { steps } = plan(own, { observed: seen });
    expect(steps.filter(({ kind }) => kind === "restart-instance")).toMatchObject([
      { resumes: true, ready: check },
    ]);
    expect(planStart(paused)).toMatchObject([{ resumes: true, ready: check }]);
  });

  test("is not waited for while it runs, even after a failed run", () => {
    const seen = observed({ ...given, instances: running });
    const { steps } = plan(own, { observed: seen, previousRunFailed: true });
    expect(steps.filter(({ kind }) => kind === "await-instance")).toEqual([]);
  });
});
