import { describe, expect, test } from "bun:test";
import { planClean, planRestart, planStop } from "../../src/plan/lifecycle-plan.ts";
import { formatPlan } from "./support/format-plan.ts";
import { findInstances, findOneInstance, withoutAttached } from "../../src/plan/select/choose.ts";
import { networkNameOf } from "../../src/model/resource-names.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { plan, projectOf, started, startsOf } from "./support/planning.ts";
import { thrownBy } from "./support/project-folder.ts";

const project = projectOf([
  { service: "reyns-dns", instance: "main" },
  { service: "web", instance: "one", group: "g" },
  { service: "web", instance: "two" },
]);
const net = [{ name: networkNameOf(project), project }];
const all = startsOf(plan(project).steps).map((step) => started(step));
const [dns, one, two] = all as [ObservedInstance, ObservedInstance, ObservedInstance];

describe("which instances", () => {
  const cases: [Parameters<typeof findInstances>[1], ObservedInstance[]][] = [
    [{ service: "all", instance: undefined }, [dns, one, two]],
    [{ service: "web", instance: undefined }, [one, two]],
    [{ service: "w*", instance: "t*" }, [two]],
    [{ service: "all", instance: undefined, group: "g" }, [one]],
    [{ service: "all", instance: undefined, group: "h" }, []],
  ];
  test.each(cases)("%j", (choice, chosen) => expect(findInstances(all, choice)).toEqual(chosen));

  const wrong: [Parameters<typeof findOneInstance>[1], string, string, string][] = [
    [
      { service: "wob", instance: undefined },
      "UNKNOWN_INSTANCE",
      'no instance of "wob"',
      'did you mean "web"? accepted: reyns-dns, web',
    ],
    [
      { service: "web", instance: "tow" },
      "UNKNOWN_INSTANCE",
      'no instance "tow" of web',
      'did you mean "two"? accepted: one, two',
    ],
    [
      { service: "web", instance: undefined },
      "AMBIGUOUS_INSTANCE",
      '"web" has 2 instances',
      "name one of them: one, two",
    ],
  ];
  test.each(wrong)("%j is refused", (choice, code, message, hint) => {
    expect(thrownBy(() => findOneInstance(all, choice))[0]).toMatchObject({ code, message, hint });
  });

  test("one, when there is one", () => {
    expect(findOneInstance(all, { service: "web", instance: "two" })).toBe(two);
    expect(findOneInstance([one], { service: "web", instance: undefined })).toBe(one);
    expect(
      thrownBy(() => findOneInstance([], { service: "web", instance: undefined }))[0]?.hint,
    ).toContain("reyns run");
  });
});

test("restart and rerun leave out what another call is attached to, unless it is named", () => {
  const attached = { ...two, isAttached: true };
  expect(withoutAttached([one, attached], { instance: undefined })).toEqual([one]);
  expect(withoutAttached([attached], { instance: "two" })).toEqual([attached]);
});

describe("clean", () => {
  const register = { ...one.registered, service: "web", instance: "one" };
  test("the network goes with the last, when all are gone", () => {
    const steps = planClean(all, all, net);
    expect(steps.map(({ kind, id, after }) => [kind, id, after])).toEqual([
      ["remove-instance", "remove id-reyns-dns-main", ["remove id-web-one", "remove id-web-two"]],
      ["remove-instance", "remove id-web-one", []],
      ["remove-instance", "remove id-web-two", []],
      [
        "remove-network",
        "network",
        ["remove id-reyns-dns-main", "remove id-web-one", "remove id-web-two"],
      ],
    ]);
    expect(planClean([one, two], all, net).map(({ kind }) => kind)).toEqual([
      "remove-instance",
      "remove-instance",
    ]);
    expect(planClean([], [], net).map(({ kind }) => kind)).toEqual(["remove-network"]);
    expect(planClean(all, all, [])).toHaveLength(3);
  });

  test("names are taken out of a DNS that stays, not of one that goes as well", () => {
    expect(planClean([one], all, net)[0]).toEqual({
      project: { name: "shop", origin: "/home/me/shop" },
      kind: "remove-instance",
      id: "remove id-web-one",
      after: [],
      title: "web-one",
      reason: "clean",
      host: "web-one",
      containerId: "id-web-one",
      deregister: register,
    } as never);
    for (const steps of [planClean(all, all, net), planStop([one, dns], all)])
      for (const step of steps) if ("deregister" in step) expect(step.deregister).toBeUndefined();
    const hidden = {
      ...one,
      registered: one.registered && { ...one.registered, policy: "HIDE" as const },
    };
    expect(planStop([hidden], all)[0]).toMatchObject({
      kind: "stop-instance",
      deregister: undefined,
    });
    expect(planStop([one], all)[0]).toMatchObject({
      kind: "stop-instance",
      id: "stop id-web-one",
      deregister: register,
    });
  });
});

describe("restart", () => {
  test("starts instances after those that they depend on", () => {
    const plain = { ...two, hasEntrypoint: false, after: ["web-one", "elsewhere-one"] };
    const steps = planRestart([plain, { ...one, state: "exited" }, dns], 9);
    expect(formatPlan(steps)).toMatchInlineSnapshot(`
      "restart web-two        running  (after web-one, reyns-dns-main)
      restart web-one        exited  (after reyns-dns-main)
      restart reyns-dns-main running"
    `);
    expect(steps).toMatchObject([
      { stopFirst: true, timeout: 9 },
      { stopFirst: false, register: { ...one.registered, service: "web", instance: "one" } },
      {},
    ]);
    expect(planRestart([one], 9)[0]?.after).toEqual([]);
  });

  test("detects readiness as at the first start, where that was recorded", () => {
    const readyOf = (instance: ObservedInstance): unknown => {
      const [step] = planRestart([instance]);
      return step && "ready" in step ? step.ready : undefined;
    };
    const check = { kind: "check", check: { kind: "tcp", port: 80 }, address: "10.0.0.1" };
    expect(readyOf({ ...one, readiness: JSON.stringify(check) })).toEqual(check);
    const old = { readiness: undefined };
    expect(readyOf({ ...one, ...old })).toEqual({ kind: "entrypoint" });
    expect(readyOf({ ...two, ...old, hasEntrypoint: false })).toEqual({
      kind: "ports",
      address: two.address,
      ports: [],
    });
    expect(readyOf({ ...dns, ...old })).toMatchObject({ kind: "dns", address: dns.address });
    for (const readiness of ["{", "null", '{"kind":"later"}'])
      expect(readyOf({ ...one, readiness })).toEqual({ kind: "entrypoint" });
  });

  test("starts everything at once where recorded dependencies form a circle", () => {
    const steps = planRestart([
      { ...one, after: ["web-two"] },
      { ...two, after: ["web-one"] },
    ]);
    expect(steps.map(({ after }) => after)).toEqual([[], []]);
  });
});

test("what depends on others stops and goes first", () => {
  const dependent = { ...two, after: ["web-one"] };
  expect(formatPlan(planStop([one, dependent], [one, dependent]))).toMatchInlineSnapshot(`
    "stop web-one stop  (after web-two)
    stop web-two stop"
  `);
  expect(formatPlan(planClean([one, dependent], [one, dependent], net))).toMatchInlineSnapshot(`
    "remove web-one clean  (after web-two)
    remove web-two clean
    remove network nothing is left in it  (after web-one, web-two)"
  `);
});

test("a former container goes with its instance", () => {
  const replaced = { ...one, predecessor: "old" };
  const steps = planClean([replaced], [replaced], []);
  expect(steps.map((step) => ("containerId" in step ? step.containerId : ""))).toEqual([
    one.id,
    "old",
  ]);
});
