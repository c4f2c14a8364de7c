// What is said of replacements that an interruption has left with the new container running.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parsePing } from "../../src/docker/client/api-version.ts";
import type { Engine } from "../../src/docker/client/engine.ts";
import { labels } from "../../src/model/labels.ts";
import type { StartInstance, Step } from "../../src/model/steps.ts";
import type { RuntimeContext } from "../../src/runtime/context.ts";
import { describeUnfinished } from "../../src/runtime/executor/unfinished.ts";
import { updateVersions } from "../../src/runtime/versions/store.ts";
import { plan, projectOf, startOf } from "./support/planning.ts";

const planned = startOf(plan(projectOf([{ service: "web", instance: "one" }])).steps, "web-one");
const kept = "its former version is kept, stopped";

let stateFolder: string;
beforeEach(() => void (stateFolder = mkdtempSync(join(tmpdir(), "reyns-unit-"))));
afterEach(() => rmSync(stateFolder, { recursive: true }));

/** A replacement in a folder or copy, with a version that it could go back to. */
function replacementIn(origin: string): StartInstance {
  const own: Record<string, string> = { ...planned.spec.labels, [labels.folder]: origin };
  const spec = { ...planned.spec, labels: own };
  const step = { ...planned, predecessor: "former", spec };
  const project = own[labels.project] ?? "";
  updateVersions(stateFolder, { host: step.host, project, origin }, () => [
    { version: 1, startedAt: "2026-01-01T00:00:00Z", secrets: [], start: step },
  ]);
  return step;
}

/** The lines about a replacement, whose container the Engine describes, or not. */
function linesOf(step: StartInstance, answer: Promise<Response>): Promise<string[]> {
  const headers = { "Api-Version": "1.41" };
  const engine = {
    features: () => Promise.resolve(parsePing(new Response("OK", { headers }), "")),
    timeout: { milliseconds: 60_000, ping: () => Promise.resolve() },
    send: () => answer,
  } as unknown as Engine;
  return describeUnfinished([step], { engine, stateFolder } as RuntimeContext);
}

function running({ spec }: StartInstance): Promise<Response> {
  return Promise.resolve(
    Response.json({
      Name: "/web",
      Image: "sha256:new",
      State: { Running: true, Restarting: false, ExitCode: 0, StartedAt: "" },
      Config: { Labels: spec.labels },
      HostConfig: { RestartPolicy: { Name: "no", MaximumRetryCount: 0 } },
      Mounts: [],
      RestartCount: 0,
    }),
  );
}

test.each([
  ["/shop", "reyns rollback web one"],
  ["/shop//copy:demo", "reyns rollback web one copy=demo"],
])("the way back in %s leads to another project", async (origin, call) => {
  const step = replacementIn(origin);
  expect(await linesOf(step, running(step))).toEqual([
    "the new version runs: web-one",
    `${kept}; go back to it: ${call}`,
  ]);
});

test("an Engine that does not answer keeps the process from ending", async () => {
  const step = replacementIn("/shop");
  const silence = new Promise<Response>(() => {});
  expect(await linesOf(step, silence)).toEqual(["the new version runs: web-one", kept]);
});

test("an interrupted update of a service of Docker Swarm speaks of no former container", async () => {
  const service = { ...replacementIn("/shop"), spec: { ...planned.spec, swarm: {} } };
  expect(await describeUnfinished([service as unknown as Step], {} as RuntimeContext)).toEqual([]);
});
