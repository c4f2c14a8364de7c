import { describe, expect, test } from "bun:test";
import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labels } from "../../src/model/labels.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import type { InstanceVersion } from "../../src/model/versions.ts";
import { findRollback, planRollback } from "../../src/plan/rollback-plan.ts";
import { readVersions, removeVersions, updateVersions } from "../../src/runtime/versions/store.ts";
import { plan, projectOf, started, startOf } from "./support/planning.ts";

const project = projectOf([
  { service: "web", instance: "one" },
  { service: "web", instance: "two" },
]);
const { steps } = plan(project);

function version(
  number: number,
  host: string,
  fields: Partial<InstanceVersion> = {},
): InstanceVersion {
  const start = startOf(steps, host);
  const imageId = `sha256:${number}`;
  return {
    version: number,
    startedAt: "2026-01-01T00:00:00Z",
    imageId,
    secrets: [],
    start,
    ...fields,
  };
}

function running(instance: string, number: number | undefined): ObservedInstance {
  return started(startOf(steps, `web-${instance}`), { version: number });
}

describe("a rollback", () => {
  const versions = [
    version(1, "web-one"),
    version(2, "web-one"),
    version(3, "web-one", { restores: 1 }),
  ];

  test("goes back to the version before the one that serves", () => {
    const { target } = findRollback(
      { instance: running("one", 2), versions: versions.slice(0, 2) },
      undefined,
    );
    expect(target.version).toBe(1);
  });

  test("of what a rollback has brought back goes back further, or says that there is nothing", () => {
    const instance = running("one", 3);
    expect(() => findRollback({ instance, versions }, undefined)).toThrow("no earlier version");
  });

  test("of what an earlier release has started goes to the last one recorded", () => {
    const { target } = findRollback(
      { instance: running("one", undefined), versions: versions.slice(0, 2) },
      undefined,
    );
    expect(target.version).toBe(2);
  });

  test("names the versions that are recorded for one that is not", () => {
    const find = (): unknown => findRollback({ instance: running("one", 2), versions }, 7);
    expect(find).toThrow(expect.objectContaining({ hint: "recorded: 1, 2, 3" }));
  });

  test("replaces the instances of a service one after the other, with the secrets of today", () => {
    const rollbacks = ["one", "two"].map((name) => ({
      instance: running(name, 2),
      target: version(1, `web-${name}`, { secrets: ["TOKEN"] }),
    }));
    const [first, second] = planRollback(rollbacks, { TOKEN: "new", OTHER: "no" });
    expect(second?.after).toEqual([first?.id ?? ""]);
    expect(first).toMatchObject({
      predecessor: rollbacks[0]?.instance.id,
      restores: 1,
      spec: { image: "sha256:1", secrets: { TOKEN: "new" } },
    });
  });
});

test("a damaged record has no versions", () => {
  const folder = mkdtempSync(join(tmpdir(), "reyns-unit-"));
  mkdirSync(join(folder, "versions"));
  const damaged = [
    "",
    "{",
    "7",
    '[null, {"version": "1"}, {"version": 1, "startedAt": "", "secrets": [], "start": {}}]',
  ];
  for (const text of damaged) {
    writeFileSync(join(folder, "versions", "web-one.json"), text);
    expect(readVersions(folder, running("one", 1))).toEqual([]);
  }
  rmSync(folder, { recursive: true });
});

test("projects of one folder keep apart the versions of instances of the same name", () => {
  const folder = mkdtempSync(join(tmpdir(), "reyns-unit-"));
  const own = running("one", 1);
  const other = { ...own, project: "renamed" };
  const numbersOf = (instance: ObservedInstance): number[] =>
    readVersions(folder, instance).map(({ version: number }) => number);
  const recorded = version(1, "web-one");
  const { spec } = recorded.start;
  const renamed = { ...spec, labels: { ...spec.labels, [labels.project]: "renamed" } };
  updateVersions(folder, own, () => [recorded]);
  updateVersions(folder, other, (before) => [
    ...before,
    { ...version(2, "web-one"), start: { ...recorded.start, spec: renamed } },
  ]);
  expect([numbersOf(own), numbersOf(other)]).toEqual([[1], [2]]);
  updateVersions(folder, own, (before) => [...before, version(3, "web-one")]);
  removeVersions(folder, other);
  expect([numbersOf(own), numbersOf(other)]).toEqual([[1, 3], []]);
  removeVersions(folder, own);
  expect(readdirSync(join(folder, "versions"))).toEqual([]);
  rmSync(folder, { recursive: true });
});
