import { describe, expect, test } from "bun:test";
import { plan, projectOf } from "./support/planning.ts";
import { thrownBy } from "./support/project-folder.ts";
import { text, ask } from "./support/definitions.ts";

describe("SERVICE_IP", () => {
  const cases: [string, string, string[]][] = [
    ["reyns-dns", "main", []],
    ["reyns-dns", "published", ["SERVICE_IP"]],
    ["reyns-dns", "master", ["SERVICE_IP"]],
    ["web", "published", []],
    ["web", "master", ["SERVICE_IP"]],
  ];
  test.each(cases)("%s %s misses %j", (service, instance, names) => {
    const { missing } = plan(projectOf([{ service, instance }]));
    expect(missing.map(({ name }) => name)).toEqual(names);
  });

  const wrong: [Record<string, string>, string][] = [
    [{ SERVICE_IP: "here" }, 'web-one: SERVICE_IP is "here"'],
    [{ SERVICE_IP: "" }, 'web-one: SERVICE_IP is ""'],
    [{ DNS_SERVICE_IP: "::1" }, 'web-one: DNS_SERVICE_IP is "::1"'],
    [{ PUBLISH_ON_IP: "1.2.3" }, 'web-one: PUBLISH_ON_IP is "1.2.3"'],
    [{ DNS_UPDATE_POLICY: "append" }, 'web-one: DNS_UPDATE_POLICY is "append"'],
  ];
  test.each(wrong)("%j is refused", (env, message) => {
    const values = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, text(value)]),
    );
    const errors = thrownBy(() => plan(projectOf([{ service: "web", env: values }])));
    expect(errors.map((error) => [error.code, error.message])).toEqual([
      ["INVALID_VALUE", message],
    ]);
  });
});

test("everything that is missing is listed with all who want it", () => {
  const project = projectOf(
    ["one", "two"].map((instance) => ({ service: "web", instance, env: { A: ask, B: ask } })),
    {
      services: [{ name: "web", requiredVariables: { B: text("b"), C: ask, D: text("d") } }],
    },
  );
  const { missing } = plan(project);
  expect(missing.map(({ name, hosts }) => [name, hosts])).toEqual(
    ["B", "C", "A"].map((name) => [name, ["web-one", "web-two"]]),
  );
});
