// Which image a version of an instance is recorded with. The Engine has containerd's store, and an image whose name passes
// to another one while a container starts.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parsePing } from "../../src/docker/client/api-version.ts";
import type { Engine } from "../../src/docker/client/engine.ts";
import { ReynsError, ReynsErrors } from "../../src/errors.ts";
import { labels } from "../../src/model/labels.ts";
import type { StartInstance } from "../../src/model/steps.ts";
import type { InstanceVersion } from "../../src/model/versions.ts";
import { recordVersion, withFormerVersion } from "../../src/runtime/versions/record.ts";
import { readVersions, updateVersions } from "../../src/runtime/versions/store.ts";
import { plan, projectOf, started, startOf } from "./support/planning.ts";

const step = startOf(plan(projectOf([{ service: "web", instance: "one" }])).steps, "web-one");
const replacing = { ...step, predecessor: "former" };
const instance = started(step);

let stateFolder: string;
beforeEach(() => void (stateFolder = mkdtempSync(join(tmpdir(), "reyns-unit-"))));
afterEach(() => rmSync(stateFolder, { recursive: true }));

/** What the name of the image means, and the tags that the Engine is asked for. */
let meaning: string;
let tags: string[];

const State = { Running: true, Restarting: false, ExitCode: 0, StartedAt: "" };
const HostConfig = { RestartPolicy: { Name: "no", MaximumRetryCount: 0 } };

function answerTo(path: string): object {
  if (path === "/info") return { DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]] };
  if (path.startsWith("/images/")) return { Id: meaning, Config: {}, RepoDigests: [] };
  const isFormer = path.includes("/former/");
  const Labels = { [labels.version]: isFormer ? "1" : "2", [labels.image]: step.spec.image };
  const Image = isFormer ? "sha256:old" : "sha256:tried";
  return {
    Name: "/web",
    Image,
    State,
    Config: { Labels },
    HostConfig,
    Mounts: [],
    RestartCount: 0,
  };
}

const engine = {
  features: () =>
    Promise.resolve(parsePing(new Response("OK", { headers: { "Api-Version": "1.48" } }), "")),
  timeout: { milliseconds: 1000, ping: () => Promise.resolve() },
  send: ({ method, path }: { method: string; path: string }) => {
    if (method === "GET") return Promise.resolve(Response.json(answerTo(path)));
    tags.push(decodeURIComponent(path));
    return Promise.resolve(new Response(null, { status: 201 }));
  },
} as unknown as Engine;

const context = (): Parameters<typeof recordVersion>[1] => ({
  ...{ engine, stateFolder, keysFolder: join(stateFolder, "keys") },
});

const recorded = (): readonly InstanceVersion[] => readVersions(stateFolder, instance);

function serve(...fields: Partial<InstanceVersion>[]): void {
  [meaning, tags] = ["sha256:tried", []];
  const startedAt = "2026-01-01T00:00:00Z";
  updateVersions(stateFolder, instance, () =>
    fields.map((more, index) => ({
      ...{ version: index + 1, startedAt, secrets: [], start: step },
      ...more,
    })),
  );
}

/** The name of its image passes to another build before it fails. */
async function failWith(error: Error, given: StartInstance = replacing): Promise<void> {
  const failing = withFormerVersion(given, context(), () => {
    meaning = "sha256:later";
    return Promise.reject(error);
  });
  await expect(failing).rejects.toBe(error);
}

const failure = new ReynsError("NOT_READY", "web-one: not ready");
const failedImages = (): unknown[] => recorded().map(({ failedImage }) => failedImage);

test("a version is kept with the image of its container, not with what its name means by then", async () => {
  serve();
  meaning = "sha256:later";
  await recordVersion(step, context());
  expect(recorded()).toMatchObject([{ version: 1, imageId: "sha256:tried" }]);
  expect(tags).toEqual([expect.stringContaining("/images/sha256:tried/tag")]);
});

test("the image that failed is what its name meant before the start", async () => {
  serve({});
  await failWith(failure);
  expect(failedImages()).toEqual(["sha256:tried"]);
});

test("the image that failed is recorded for what serves, not for a version that has been taken back", async () => {
  serve({}, {});
  await failWith(new ReynsErrors([failure, failure]));
  expect(failedImages()).toEqual(["sha256:tried", undefined]);
});

test.each([
  ["a rollback", failure, { ...replacing, restores: 1 }],
  ["an interruption", new ReynsError("INTERRUPTED", "interrupted"), replacing],
  ["keys", new ReynsError("KEYS_UNUSABLE", "the keys cannot be read"), replacing],
])("a start that fails by %s says nothing about the newer image", async (_, error, given) => {
  serve({ failedImage: "sha256:newer" });
  await failWith(error, given);
  expect(failedImages()).toEqual(["sha256:newer"]);
});
