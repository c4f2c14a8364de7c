import { describe, expect, test } from "bun:test";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { isServiceStep } from "../../src/model/service-steps.ts";
import { planClean, planRestart, planStop } from "../../src/plan/lifecycle-plan.ts";
import { started, startOf } from "./support/planning.ts";
import { planned, three, runningService } from "./support/swarm-project.ts";

describe("an instance with swarm", () => {
  test("becomes a service whose tasks have names of their own", async () => {
    const { spec, ready, register } = startOf((await planned(three)).steps, "api-one");
    expect(spec.hostname).toBe("api-one-{{.Task.Slot}}");
    expect(spec.env["REYNS_INSTANCE"]).toBe("one-{{.Task.Slot}}");
    expect(spec.network?.address).toBeUndefined();
    expect(spec.network?.aliases).toEqual(["api-one", "api"]);
    expect([ready, register]).toEqual([{ kind: "tasks" }, undefined]);
  });

  test("has its agent wait for its health check, where there is a DNS", async () => {
    const variablesOf = async (check: string, more = ""): Promise<Record<string, string>> => {
      const options = `${three}, healthcheck: { test: ${check}, timeout: 90, interval: 0.5 }${more}`;
      const { env } = startOf((await planned(options)).steps, "api-one").spec;
      const entries = Object.entries(env).filter(([name]) => name.startsWith("REYNS_HEALTH_"));
      return Object.fromEntries(entries);
    };
    const dns = ', env: { DNS_SERVICE_IP: "10.0.0.9" }';
    expect(await variablesOf('"wget -q localhost"', dns)).toEqual({
      REYNS_HEALTH_CHECK: "wget -q localhost",
      REYNS_HEALTH_INTERVAL: "0.5",
      REYNS_HEALTH_TIMEOUT: "90",
    });
    expect(await variablesOf('["CMD", "check", "it is up"]', dns)).toMatchObject({
      REYNS_HEALTH_CHECK: "check 'it is up'",
    });
    expect(await variablesOf('"true"')).toEqual({});
  });

  test("keeps double braces in its variables, which Swarm would take for a template", async () => {
    const options = `${three}, env: { FORMAT: "{{.ID}}" }, hostname: "{{x"`;
    const { spec } = startOf((await planned(options)).steps, "api-one");
    expect(spec.env["FORMAT"]).toBe('{{"{{"}}.ID}}');
    expect(spec.hostname).toBe('{{"{{"}}x');
  });

  test("is left alone while it is as defined, also when a task is missing for the moment", async () => {
    const running = await runningService(three, { running: 2 });
    const { steps } = await planned(three, [running]);
    expect(steps.map(({ kind }) => kind)).toEqual(["await-instance"]);
  });

  test("is updated in place when its replicas change", async () => {
    const running = await runningService(three);
    const { steps, changes } = await planned("swarm: { replicas: 4 }", [running]);
    const step = startOf(steps, "api-one");
    expect(changes.get("api-one")).toEqual(["swarm"]);
    expect([step.predecessor, step.removes]).toEqual([running.id, undefined]);
    expect(step.keepsTasks).toBe(true);
  });

  test("gets new tasks when anything else changes, or it is named to", async () => {
    const running = await runningService(three);
    const changed = await planned('swarm: { replicas: 4 }, env: { A: "1" }', [running]);
    const failed = { update: { state: "paused", message: "" } };
    const half = await planned("swarm: { replicas: 4 }", [await runningService(three, failed)]);
    for (const { steps } of [changed, half])
      expect(startOf(steps, "api-one").keepsTasks).toBeUndefined();
  });

  test.each([
    ["stopped", { desired: 0, running: 0 }, "restart-instance"],
    ["none of its tasks runs", { running: 0 }, "start-instance"],
    [
      "its last update has stopped half-way",
      { update: { state: "paused", message: "" } },
      "start-instance",
    ],
  ] as const)("is brought up again when %s", async (reason, state, kind) => {
    const { steps } = await planned(three, [await runningService(three, state)]);
    expect(steps.map((step) => [step.kind, step.reason])).toEqual([[kind, reason]]);
  });

  test("makes way when it is a container from now on, and takes one's place", async () => {
    const running = await runningService(three);
    const back = startOf((await planned('env: { A: "1" }', [running])).steps, "api-one");
    expect([back.removes, back.removesService, back.predecessor]).toEqual([
      running.id,
      true,
      undefined,
    ]);
    const container = started(startOf((await planned("")).steps, "api-one"));
    const forth = startOf((await planned(three, [container])).steps, "api-one");
    expect([forth.removes, forth.removesService]).toEqual([container.id, undefined]);
    expect([isServiceStep(back), isServiceStep(forth)]).toEqual([true, true]);
  });

  test("takes the place of a container with its hooks, its names and its router", async () => {
    const first = startOf((await planned("")).steps, "api-one");
    const container = started(first, { hooks: "sealed" });
    const router = started(first, {
      ...{ id: "router", containerName: "shop-router", isRouter: true },
      ...{ service: "router", instance: "main", host: "router-main" },
    });
    const { formerHooks, departing } = startOf(
      (await planned(three, [container, router])).steps,
      "api-one",
    );
    expect([formerHooks, departing?.router]).toEqual(["sealed", router.containerName]);
  });

  test("is asked for before it takes the place of a container that keeps data in a volume", async () => {
    const unnamed = "ab".repeat(32);
    const mount = (target: string): ObservedInstance["mounts"][number] => ({
      ...{ target, source: `/volumes${target}`, readOnly: false, volume: unnamed },
    });
    const mounts = [mount("/data"), mount("/run/secrets")];
    const container = started(startOf((await planned("")).steps, "api-one"), { mounts });
    const { lostData } = await planned(three, [container]);
    expect(lostData.map(({ target }) => target)).toEqual(["/data"]);
    expect((await planned('env: { A: "1" }', [container])).lostData).toEqual([]);
  });

  test("loses no data when a cut-off takeover has left its container", async () => {
    const running = { ...(await runningService(three)), predecessor: "former" };
    const { steps } = await planned(three, [running]);
    expect(steps.find(({ kind }) => kind === "remove-instance")).toMatchObject({
      containerId: "former",
      keepsData: true,
    });
  });

  test("is waited for by what comes after it", async () => {
    const more = 'service("web", { image: "acme/api", networks: ["mesh"], after: ["api"] });';
    const { steps } = await planned(three, [], more);
    expect(startOf(steps, "web-one").after).toContain("start api-one");
  });

  test("is stopped, restarted and removed as a service", async () => {
    const running = await runningService(three);
    const steps = [
      ...planStop([running], [running]),
      ...planRestart([running]),
      ...planClean([running], [running], []),
    ];
    expect(steps.map((step) => [step.kind, isServiceStep(step)])).toEqual([
      ["stop-instance", true],
      ["restart-instance", true],
      ["remove-instance", true],
    ]);
  });
});
