// What `clean stopped=true` takes, and what it leaves.
import { expect, test } from "bun:test";
import { cleanImages } from "../../src/cli/commands/clean/clean-images.ts";
import type { Engine } from "../../src/docker/client/engine.ts";
import { labels } from "../../src/model/labels.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { nextNameOf, previousNameOf } from "../../src/model/resource-names.ts";
import type { RemoveInstance } from "../../src/model/steps.ts";
import { planClean } from "../../src/plan/lifecycle-plan.ts";
import { requireStopped, selectStopped } from "../../src/plan/stopped.ts";
import type { StepContext } from "../../src/runtime/context.ts";
import { removeStep } from "../../src/runtime/executor/steps/remove.ts";
import { withServices } from "../../src/runtime/observe/containers.ts";
import { plan, projectOf, started, startOf } from "./support/planning.ts";

const project = projectOf([{ service: "web" }, { service: "migrate" }]);
const { steps } = plan(project);
const start = startOf(steps, "web-one");
const web = started(start);
const ended = started(start, { state: "exited", exitCode: 0 });
const done = started(startOf(steps, "migrate-one"), {
  ...{ isJob: true, state: "exited", exitCode: 0 },
});
const leavingOf = (
  instances: readonly ObservedInstance[],
  service = "all",
  areOrphans = false,
): string[] => selectStopped(instances, { service, areOrphans }).leaving.map(({ host }) => host);

test("what runs stays, what has ended goes", () => {
  expect(leavingOf([web])).toEqual([]);
  expect(leavingOf([ended])).toEqual(["web-one"]);
});

test("a stopped container whose former or new one runs stays, and is named", () => {
  for (const up of [{ isPredecessorUp: true }, { isSuccessorUp: true }]) {
    const selected = selectStopped([{ ...ended, ...up }], { service: "web", areOrphans: false });
    expect([selected.leaving.length, selected.halfUp.length]).toEqual([0, 1]);
  }
});

test("a job that is done stays unless its service is named or nothing defines it", () => {
  expect(selectStopped([done], { service: "all", areOrphans: false }).done).toEqual([done]);
  expect(leavingOf([done], "m*")).toEqual([]);
  expect(leavingOf([done], "web,migrate")).toEqual(["migrate-one"]);
  expect(leavingOf([done], "all", true)).toEqual(["migrate-one"]);
  expect(leavingOf([{ ...done, exitCode: 1 }])).toEqual(["migrate-one"]);
});

/** A container of web-one in a listing. */
function containerOf(name: string, state: string) {
  const values = {
    ...start.spec.labels,
    [labels.service]: "web",
    [labels.instance]: "one",
  };
  return {
    ...{ id: name, name, state, status: "", image: "", imageId: "", labels: values },
    ...{ createdAt: 0, networks: {}, networkMode: undefined, ports: [], mounts: [] },
  };
}

test.each([
  ["former", previousNameOf(start.spec.name), "isPredecessorUp"],
  ["new", nextNameOf(start.spec.name), "isSuccessorUp"],
] as const)("a running %s container is seen beside the one that has ended", async (_, name, up) => {
  const context = { engine: {} as Engine, project, keys: undefined };
  for (const state of ["running", "exited"]) {
    const listed = [containerOf(start.spec.name, "exited"), containerOf(name, state)];
    const { instances } = await withServices(listed, context);
    expect(instances.map((instance) => instance[up] ?? false)).toEqual([state === "running"]);
  }
});

test("a container that was started meanwhile is not removed", async () => {
  const requests: string[] = [];
  const engine = {
    features: () => Promise.resolve({}),
    timeout: { milliseconds: 1000, ping: () => Promise.resolve() },
    send: ({ method }: { method: string }) => {
      requests.push(method);
      const details = {
        ...{
          Name: "/web",
          Image: "",
          Mounts: [],
          Config: {},
          HostConfig: { RestartPolicy: { Name: "no" } },
        },
        ...{ RestartCount: 0, State: { Running: true } },
      };
      return Promise.resolve(Response.json(details));
    },
  } as unknown as Engine;
  const [step] = requireStopped(planClean([ended], [ended], [])) as [RemoveInstance];
  const removal = removeStep(step, { engine } as StepContext);
  await expect(removal).rejects.toThrow("web-one was started meanwhile, and stays");
  expect(requests).toEqual(["GET"]);
});

test("images stay when instances of their services do", async () => {
  const target = { service: "all", instance: undefined, group: undefined, example: "" };
  const place = { name: "shop", folder: "/nowhere", origin: "/nowhere", movedFrom: [] };
  expect(await cleanImages(place, target, true)).toEqual([]);
});
