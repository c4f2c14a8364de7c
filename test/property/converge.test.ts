// Plans from random states to random definitions, carried out on an Engine that is simulated by its list of instances.
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import * as fc from "fast-check";
import { keyedParts, labels } from "../../src/model/labels.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import type { InstanceDefinition, Project } from "../../src/model/project.ts";
import type { Step } from "../../src/model/steps.ts";
import type { RunPlan } from "../../src/plan/run-plan.ts";
import {
  hostOf,
  platforms,
  unchangedBetween,
  type RandomInstance,
} from "../support/random-platforms.ts";
import { cases } from "../support/random.ts";
import { observed, plan, projectOf, started } from "../unit/support/planning.ts";

// Planning, three thousand times, on a machine that may be busy.
setDefaultTimeout(240_000);

const imageNames = ["a:1", "a:2", "b:1"];

function definitionOf(given: RandomInstance): Partial<InstanceDefinition> & { service: string } {
  const { service, instance, image, value, target, hasVolume, isJob } = given;
  return {
    service,
    instance,
    image: imageNames[image],
    env: { V: { kind: "text", text: value } },
    links: target ? [{ name: target, target: { service: target, instance: null } }] : [],
    volumes: [...(hasVolume ? [`${service}-${instance}:/data`] : []), `./${service}:/etc/x:ro`],
    job: isJob ? { always: false } : undefined,
  };
}

const projectWith = (all: readonly RandomInstance[]): Project =>
  projectOf(all.map((one) => definitionOf(one)));

const state = fc.constantFrom("running", "exited", "created", "restarting", "dead");

const engine = (all: readonly ObservedInstance[]) =>
  observed({ instances: all, images: imageNames, digestSecret });

const digestSecret = (value: string): string => `keyed ${value}`;

/** Service -> what is in the file that its instances mount. */
const contents = fc.dictionary(fc.constantFrom("db", "api", "web"), fc.constantFrom("1", "2"));

function planFor(
  project: Project,
  all: readonly ObservedInstance[],
  texts: Readonly<Record<string, string>> = {},
): RunPlan {
  const files = new Map(
    Object.entries(texts).map(([service, text]) => [join(project.folder, service), text]),
  );
  return plan(project, { observed: engine(all), prune: true, files });
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
    const gone = new Set([step.removes, step.predecessor]);
    count.value += 1;
    const newId = `new-${count.value}-${step.host}`;
    const parts = JSON.parse(step.spec.labels[labels.definition] ?? "") as object;
    const definition = JSON.stringify({ ...parts, ...keyedParts(step, digestSecret) });
    const made = started(step, { id: newId, definition, hasEntrypoint: false });
    const mounts = step.spec.mounts.map(({ source, target }) => ({
      source,
      target,
      readOnly: false,
      volume: source,
    }));
    result = [...result.filter(({ id }) => !gone.has(id)), settled({ ...made, mounts })];
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
    fc.property(platforms, platforms, fc.array(state), contents, contents, (...given) => {
      const [before, after, states, texts, changed] = given;
      const first = afterSteps([], planFor(projectWith(before), [], texts).steps);
      const disturbed = first.map((one, index) => ({ ...one, state: states[index] ?? one.state }));
      const project = projectWith(after);
      const second = afterSteps(disturbed, planFor(project, disturbed, changed).steps);
      const again = planFor(project, second, changed);
      expect(again.steps.filter(({ kind }) => kind !== "await-instance")).toEqual([]);
      expect(again.orphans).toEqual([]);
      expect(second.map(({ host }) => host).toSorted()).toEqual(after.map(hostOf).toSorted());
    }),
    { numRuns: cases(1000) },
  );
});

test("what runs as it is defined is not touched", () => {
  fc.assert(
    fc.property(platforms, platforms, (before, after) => {
      const first = afterSteps([], planFor(projectWith(before), []).steps);
      const { steps } = planFor(projectWith(after), first);
      const touched = new Set(
        steps.flatMap((step) => ("containerId" in step ? step.containerId : replacedBy(step))),
      );
      for (const host of unchangedBetween(before, after)) {
        const container = first.find((one) => one.host === host);
        expect([container?.host, touched.has(container?.id ?? "")]).toEqual([host, false]);
      }
    }),
    { numRuns: cases(1000) },
  );
});

test("a changed file replaces the instances that mount it, and touches no others", () => {
  fc.assert(
    fc.property(platforms, contents, contents, (platform, before, after) => {
      const project = projectWith(platform);
      const first = afterSteps([], planFor(project, [], before).steps);
      const { steps } = planFor(project, first, after);
      const isChanged = ({ service }: RandomInstance): boolean =>
        service in before && service in after && before[service] !== after[service];
      const replaced = steps.filter((step) => step.kind === "start-instance");
      expect(replaced.map(({ host }) => host).toSorted()).toEqual(
        platform.filter(isChanged).map(hostOf).toSorted(),
      );
    }),
    { numRuns: cases(1000) },
  );
});

test("a volume that an instance loses is named before anything happens", () => {
  fc.assert(
    fc.property(platforms, platforms, (before, after) => {
      const first = afterSteps([], planFor(projectWith(before), []).steps);
      const { steps, lostData } = planFor(projectWith(after), first);
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
    { numRuns: cases(1000) },
  );
});

function replacedBy(step: Step): string[] {
  if (step.kind !== "start-instance") return [];
  return [step.removes, step.predecessor].filter((id) => id !== undefined);
}
