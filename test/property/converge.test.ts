// Plans from random states to random definitions, carried out on an Engine that is simulated by its list of instances.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { ObservedInstance } from "../../src/model/observed.ts";
import type { InstanceDefinition, Project } from "../../src/model/project.ts";
import type { Step } from "../../src/model/steps.ts";
import type { RunPlan } from "../../src/plan/run-plan.ts";
import { observed, plan, projectOf, started } from "../unit/support/planning.ts";

const services = ["db", "cache", "api", "web", "worker"] as const;
const instances = ["one", "two", "three"] as const;

type Definition = Partial<InstanceDefinition> & { readonly service: string };

/** Each service links only to those before it, so that there are no circles. */
const definition: fc.Arbitrary<Definition> = fc
  .record({
    index: fc.nat(services.length - 1),
    instance: fc.constantFrom(...instances),
    image: fc.constantFrom("a:1", "a:2", "b:1"),
    value: fc.constantFrom("x", "y"),
    linked: fc.nat(services.length),
    volume: fc.boolean(),
    job: fc.boolean(),
  })
  .map(({ index, instance, image, value, linked, volume, job }) => {
    const service = services[index] ?? "db";
    const target = linked < index ? services[linked] : undefined;
    return {
      service,
      instance,
      image,
      env: { V: { kind: "text", text: value } },
      links: target ? [{ name: target, target: { service: target, instance: null } }] : [],
      volumes: volume ? [`${service}-${instance}:/data`] : [],
      job: job ? { always: false } : undefined,
    };
  });

const definitions = fc.uniqueArray(definition, {
  maxLength: 8,
  minLength: 1,
  selector: ({ service, instance }) => `${service}-${instance}`,
});

const state = fc.constantFrom("running", "exited", "created", "restarting", "dead");

const images = ["a:1", "a:2", "b:1"];
const engine = (all: readonly ObservedInstance[]) => observed({ instances: all, images });

function planFor(project: Project, all: readonly ObservedInstance[]): RunPlan {
  return plan(project, { observed: engine(all), prune: true });
}

/** What is there when the steps are done. Containers get new ids, jobs have ended with status 0. */
function afterSteps(
  all: readonly ObservedInstance[],
  steps: readonly Step[],
  count = { value: 0 },
): ObservedInstance[] {
  let result = [...all];
  for (const step of steps) {
    if (step.kind === "remove-instance")
      result = result.filter(({ id }) => id !== step.containerId);
    if (step.kind === "restart-instance")
      result = result.map((one) => (one.id === step.containerId ? settled(one) : one));
    if (step.kind !== "start-instance") continue;
    const gone = [step.removes, step.predecessor];
    count.value += 1;
    const made = started(step, { id: `new-${count.value}-${step.host}`, hasEntrypoint: false });
    const mounts = step.spec.mounts.map(({ source, target }) => ({
      source,
      target,
      readOnly: false,
      volume: source,
    }));
    result = [...result.filter(({ id }) => !gone.includes(id)), settled({ ...made, mounts })];
  }
  return result;
}

function settled(instance: ObservedInstance): ObservedInstance {
  return instance.isJob
    ? { ...instance, state: "exited", exitCode: 0 }
    : { ...instance, state: "running", exitCode: undefined };
}

test("a second plan is empty, whatever ran and whatever is defined", () => {
  fc.assert(
    fc.property(definitions, definitions, fc.array(state), (before, after, states) => {
      const first = afterSteps([], planFor(projectOf(before), []).steps);
      const disturbed = first.map((one, index) => ({ ...one, state: states[index] ?? one.state }));
      const project = projectOf(after);
      const second = afterSteps(disturbed, planFor(project, disturbed).steps);
      const again = planFor(project, second);
      expect(again.steps.filter(({ kind }) => kind !== "await-instance")).toEqual([]);
      expect(again.orphans).toEqual([]);
      expect(second.map(({ host }) => host).toSorted()).toEqual(
        after.map(({ service, instance }) => `${service}-${instance}`).toSorted(),
      );
    }),
    { numRuns: 1000 },
  );
});

test("what runs as it is defined is not touched", () => {
  fc.assert(
    fc.property(definitions, definitions, (before, after) => {
      const first = afterSteps([], planFor(projectOf(before), []).steps);
      const { steps } = planFor(projectOf(after), first);
      const touched = new Set(
        steps.flatMap((step) => ("containerId" in step ? step.containerId : replacedBy(step))),
      );
      const same = before.filter((one) => after.some((other) => isSame(one, other)));
      // An address of what it links to may have changed with the links.
      const unlinked = same.filter(({ links = [] }) => links.length === 0);
      for (const { service, instance } of unlinked) {
        const container = first.find(({ host }) => host === `${service}-${instance}`);
        expect([container?.host, touched.has(container?.id ?? "")]).toEqual([
          `${service}-${instance}`,
          false,
        ]);
      }
    }),
    { numRuns: 1000 },
  );
});

test("a volume that an instance loses is named before anything happens", () => {
  fc.assert(
    fc.property(definitions, definitions, (before, after) => {
      const first = afterSteps([], planFor(projectOf(before), []).steps);
      const { steps, lostData } = planFor(projectOf(after), first);
      const replaced = steps.filter((step) => step.kind === "start-instance");
      const losing = replaced.filter((step) => {
        const old = first.find(({ id }) => [step.removes, step.predecessor].includes(id));
        return old?.mounts.some(
          ({ volume }) => !step.spec.mounts.some(({ source }) => source === volume),
        );
      });
      expect(lostData.map(({ host }) => host).toSorted()).toEqual(
        losing.map(({ host }) => host).toSorted(),
      );
      // Orphans go, their volumes stay.
      expect(steps.some(({ kind }) => kind === "remove-volume" || kind === "remove-data")).toBe(
        false,
      );
    }),
    { numRuns: 1000 },
  );
});

function replacedBy(step: Step): string[] {
  if (step.kind !== "start-instance") return [];
  return [step.removes, step.predecessor].filter((id) => id !== undefined);
}

function isSame(one: Definition, other: Definition): boolean {
  return Bun.deepEquals(one, other);
}
