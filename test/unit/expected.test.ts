import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forgetExpected, recordExpected } from "../../src/cli/common/record-expected.ts";
import { labels } from "../../src/model/labels.ts";
import type { Step } from "../../src/model/steps.ts";
import { readExpected } from "../../src/project/expected.ts";

const folder = mkdtempSync(join(tmpdir(), "reyns-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
const place = { folder, origin: folder };

function start(instance: string, node: string): Step {
  const spec = {
    labels: {
      [labels.project]: "shop",
      [labels.service]: "web",
      [labels.instance]: instance,
      [labels.group]: node,
    },
  };
  const host = `web-${instance}`;
  return { kind: "start-instance", id: host, title: host, host, node, spec } as unknown as Step;
}

function remove(instance: string, node: string): Step {
  const host = `web-${instance}`;
  return { kind: "remove-instance", id: host, title: host, host, node } as unknown as Step;
}

const expected = (): string[] => readExpected(place).instances.map(({ instance }) => instance);

test("a clean on some machines leaves what is expected on the others", () => {
  recordExpected(place, [start("one", "a"), start("two", "b")]);
  const cleaned = {
    ...{ project: "shop", hosts: undefined, notIn: undefined, left: new Set<string>() },
    query: { service: "all", instance: undefined },
  };
  forgetExpected(place, { ...cleaned, nodes: ["a"] });
  expect(expected()).toEqual(["two"]);
  forgetExpected(place, { ...cleaned, nodes: undefined });
  expect(expected()).toEqual([]);
});

test("what has moved to another machine is still expected when its former container is removed", () => {
  recordExpected(place, [start("one", "b")]);
  recordExpected(place, [remove("one", "a")]);
  expect(expected()).toEqual(["one"]);
  recordExpected(place, [remove("one", "b")]);
  expect(expected()).toEqual([]);
});
