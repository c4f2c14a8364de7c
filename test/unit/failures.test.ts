import { expect, test } from "bun:test";
import { createInterruptedError } from "../../src/runtime/executor/interruption.ts";
import { explainFailures } from "../../src/runtime/executor/explain-failures.ts";
import { ReynsError } from "../../src/errors.ts";
import { longestChainTo } from "../../src/lib/graph.ts";
import type { StartInstance, Step } from "../../src/model/steps.ts";
import { plan, projectOf, startOf } from "./support/planning.ts";

const planned = startOf(plan(projectOf([{ service: "any" }])).steps, "any-one");

const start = (title: string, ...after: string[]): StartInstance => ({
  ...planned,
  id: `start ${title}`,
  after: after.map((host) => `start ${host}`),
  title,
  host: title,
});

const image: Step = {
  kind: "pull-image",
  id: "pull x",
  after: [],
  title: "image x",
  reason: "test",
  image: "x",
};

const [db, api, web, other] = [
  start("db-one"),
  start("api-one", "db-one"),
  start("web-one", "api-one", "db-one"),
  start("other-one"),
];
const steps = [web, api, db, other, image];

const error = new ReynsError(
  "NOT_READY",
  "db-one: not ready after 60 s, port 1 does not accept connections",
  {
    hint: "a hint",
    output: ["a line"],
  },
);

test("a failure names the longest chain of instances that depend on it, and those never started", () => {
  const [one, ...more] = explainFailures([{ step: db, error }], [api, web, image], steps);
  expect(more).toEqual([]);
  expect(one).toMatchObject({
    code: "NOT_READY",
    message: "db-one: not ready after 60 s, port 1 does not accept connections",
    hint: "never started: api-one, web-one\nweb-one waits for api-one, api-one waits for db-one\na hint",
    output: ["a line"],
  });
});

test("a skipped step on what is there already is not taken for an instance that never started", () => {
  const base = { after: ["start db-one"], reason: "test", timeout: 60 };
  const ready = { kind: "entrypoint" } as const;
  const skipped: Step[] = [
    api,
    { ...start("old-one"), predecessor: "former" },
    { ...start("ended-one"), removes: "former" },
    {
      ...base,
      kind: "restart-instance",
      id: "start again-one",
      title: "again-one",
      host: "again-one",
      containerId: "again",
      name: undefined,
      register: undefined,
      stopFirst: true,
      resumes: false,
      ready,
    },
    {
      ...base,
      kind: "await-instance",
      id: "start up-one",
      title: "up-one",
      host: "up-one",
      containerId: "up",
      ready,
    },
  ];
  const [explained] = explainFailures([{ step: db, error }], skipped, steps);
  expect(explained?.hint).toStartWith(
    "never started: api-one\nnot replaced: old-one, ended-one\nnot restarted: again-one\nrunning as before: up-one\n",
  );
});

test("each failure has its own chain; the last one names the instances never started", () => {
  const second = new ReynsError("START_FAILED", "other-one: exited right after starting");
  const failures = [
    { step: db, error },
    { step: other, error: second },
  ];
  const explained = explainFailures(failures, [api, web], steps);
  expect(explained.map(({ hint }) => hint)).toEqual([
    "web-one waits for api-one, api-one waits for db-one\na hint",
    "never started: api-one, web-one",
  ]);
  expect(explained[1]?.message).toBe("other-one: exited right after starting");
});

test("an interruption is one error that lists what exists now and what does not", () => {
  const [web2, web3, former] = [start("web-two"), start("web-three"), start("old-one")];
  const interrupted = createInterruptedError({
    done: [image, other],
    broken: [db, api, web, former],
    skipped: [web2, web3],
    started: [other, db, api],
    restored: [former],
  });
  expect(interrupted.message).toBe(
    "interrupted: db-one, api-one started, but may not be ready yet",
  );
  expect(interrupted.hint?.split("\n")).toEqual([
    "ready: other-one",
    "interrupted while starting: web-one",
    "not replaced, the former version runs again: old-one",
    "never started: web-two, web-three",
    "pulled: image x",
    'the same command goes on from here; "reyns ps all" shows what there is',
  ]);
  expect(interrupted.exitStatus).toBe(130);
});

test("what had failed before an interruption is listed as failed, not as started", () => {
  const progress = { done: [], skipped: [], started: [db, api], restored: [] };
  const failed = new Set<Step>([db, web]);
  const interrupted = createInterruptedError({ ...progress, broken: [db, api, web] }, failed);
  expect(interrupted.message).toBe("interrupted: api-one started, but may not be ready yet");
  expect(interrupted.hint).toStartWith("failed: db-one, web-one\n");
});

test("a failure that no instance depends on stays unchanged", () => {
  expect(explainFailures([{ step: other, error }], [], steps)).toEqual([error]);
  const refused = new ReynsError("ENGINE_REFUSED", "no x");
  expect(explainFailures([{ step: image, error: refused }], [web], steps)[0]).toMatchObject({
    message: "no x",
    hint: "never started: web-one",
  });
});

test("a long list of instances is counted", () => {
  const many = Array.from({ length: 30 }, (_, index) => start(`w-${index}`, "db-one"));
  const [one] = explainFailures([{ step: db, error }], many, [db, ...many]);
  expect(one?.hint).toStartWith("never started: w-0, w-1, ");
  expect(one?.hint).toContain("w-11 and 18 more\n");
});

test("the longest chain of a wide and deep graph is found without delay", () => {
  // Each of a layer waits for each of the one before: 8 to the power of 12 ways.
  const layers = Array.from({ length: 12 }, (_, layer) =>
    Array.from({ length: 8 }, (__, index) => ({
      id: `${layer}.${index}`,
      after:
        layer === 0 ? [] : Array.from({ length: 8 }, (___, before) => `${layer - 1}.${before}`),
    })),
  );
  expect(longestChainTo(layers.flat(), "0.3")).toHaveLength(12);
});
