// Ports that move between instances.
import { describe, expect, test } from "bun:test";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { formatPlan } from "./support/format-plan.ts";
import { reportPlan } from "../../src/plan/plan-report.ts";
import { observed, plan, projectOf, started, startOf, startsOf } from "./support/planning.ts";

type Ports = readonly [one: number, two: number];
const projectWith = ([one, two]: Ports): ReturnType<typeof projectOf> =>
  projectOf(
    Object.entries({ one, two }).map(([instance, host]) => ({
      service: "web",
      instance,
      ports: [{ container: 80, host, protocol: "tcp" }],
    })),
  );
const running = (ports: Ports): ReturnType<typeof started>[] =>
  startsOf(plan(projectWith(ports)).steps).map((step) =>
    started(step, { ports: step.spec.ports.map((port) => ({ ...port })) }),
  );

test.each<[string, Ports, readonly [string[], string[]]]>([
  ["one to two", [8002, 8000], [[], ["start web-one"]]],
  ["two to one", [8001, 8003], [["start web-two"], []]],
])("a port moves from %s when the instance that has it has been replaced", (_, ports, after) => {
  const scene = observed({ instances: running([8000, 8001]) });
  const steps = startsOf(plan(projectWith(ports), { observed: scene }).steps);
  const starts = steps.map((step) => step.after.filter((id) => id.startsWith("start")));
  expect(starts).toEqual([...after]);
});

type Definition = Parameters<typeof projectOf>[0][number];

/** Ready images, each with its port. */
const shop = (
  ports: Readonly<Record<string, number>>,
  more: Readonly<Record<string, Partial<Definition>>> = {},
  sequential = false,
): ReturnType<typeof projectOf> =>
  projectOf(
    Object.entries(ports).map(([service, host]) => ({
      service,
      image: "debian:bookworm-slim",
      ports: [{ container: 80, host, protocol: "tcp" as const }],
      ...more[service],
    })),
    { sequential },
  );

const runningOf = (project: ReturnType<typeof projectOf>): ObservedInstance[] =>
  startsOf(plan(project).steps).map((step) =>
    started(step, { ports: step.spec.ports.map((port) => ({ ...port })) }),
  );

/** The plan without its images and network, a line each. */
const linesOf = (
  before: ReturnType<typeof projectOf>,
  after: ReturnType<typeof projectOf>,
  wish: Parameters<typeof plan>[1] = {},
): string[] => {
  const { steps } = plan(after, { observed: observed({ instances: runningOf(before) }), ...wish });
  return (
    formatPlan(steps)
      .split("\n")
      // The images of this scene have no digests that could match.
      .map((line) => line.replaceAll(/ +/g, " ").replace(", newer image", ""))
      .filter((line) => /^(stop|start|remove)/.test(line))
  );
};

const after = (host: string) => ({
  after: [{ service: host, instance: "one", at: { file: "", line: 1, column: 1 } }],
});

describe("instances that exchange ports", () => {
  test("are stopped before any of them starts again", () => {
    expect(linesOf(shop({ web: 80, api: 81 }), shop({ web: 81, api: 80 }))).toEqual([
      "stop web-one its port goes to api-one",
      "stop api-one its port goes to web-one",
      "start web-one changed: ports (after web-one, api-one)",
      "start api-one changed: ports (after web-one, api-one)",
    ]);
  });

  test("are replaced together, however many they are", () => {
    const before = shop({ a: 80, b: 81, c: 82, d: 83, e: 84, f: 85, alone: 90 });
    const { steps } = plan(shop({ a: 81, b: 82, c: 80, d: 84, e: 83, f: 86, alone: 85 }), {
      observed: observed({ instances: runningOf(before) }),
    });
    const together = Object.fromEntries(startsOf(steps).map((step) => [step.host, step.together]));
    expect(together).toEqual({
      "a-one": "a-one, b-one, c-one",
      "b-one": "a-one, b-one, c-one",
      "c-one": "a-one, b-one, c-one",
      "d-one": "d-one, e-one",
      "e-one": "d-one, e-one",
      "f-one": undefined,
      "alone-one": undefined,
    });
    expect(startOf(steps, "alone-one").after).toContain("start f-one");
    expect(startOf(steps, "d-one").after).not.toContain("set aside a-one");
  });

  test("are stopped first also where one comes after the other", () => {
    const changed = shop({ api: 80, web: 82 }, { web: after("api") });
    expect(linesOf(shop({ web: 80 }), changed)).toEqual([
      "stop web-one its port goes to api-one",
      "start api-one not there yet (after web-one)",
      "start web-one changed: ports (after api-one, web-one)",
    ]);
  });

  test("are stopped first also where a conf gives the order", () => {
    const inOrder = (web: number, api: number) => shop({ web, api }, {}, true);
    expect(linesOf(inOrder(80, 81), inOrder(81, 82))).toEqual([
      "stop api-one its port goes to web-one",
      "start web-one changed: ports (after api-one)",
      "start api-one changed: ports (after web-one, api-one)",
    ]);
  });

  test("are shown by plan, each with the stop that comes first", () => {
    const scene = observed({ instances: runningOf(shop({ web: 80, api: 81 })) });
    const actions = reportPlan(plan(shop({ web: 81, api: 80 }), { observed: scene }), new Map());
    expect(actions.map(({ action, name }) => `${action} ${name}`)).toEqual([
      "stop web-one",
      "stop api-one",
      "replace web-one",
      "replace api-one",
    ]);
  });
});

test("a new instance gets the port of one that gives it up, or of an orphan that is pruned", () => {
  expect(linesOf(shop({ web: 80 }), shop({ web: 81, api: 80 }))).toEqual([
    "start web-one changed: ports",
    "start api-one not there yet (after web-one)",
  ]);
  expect(linesOf(shop({ web: 80 }), shop({ api: 80 }), { prune: true })).toEqual([
    "remove web-one no longer defined",
    "start api-one not there yet (after web-one)",
  ]);
});
