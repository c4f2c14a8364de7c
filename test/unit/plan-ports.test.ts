// Ports that move between the instances of a service.
import { expect, test } from "bun:test";
import { observed, plan, projectOf, started, startsOf } from "./support/planning.ts";

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
