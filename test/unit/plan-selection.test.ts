import { describe, expect, test } from "bun:test";
import { plan, projectOf, startsOf } from "./support/planning.ts";
import { thrownBy } from "./support/project-folder.ts";
import { text } from "./support/definitions.ts";

describe("which instances", () => {
  const project = projectOf(
    [
      { service: "web", instance: "one", group: "g", env: { A: text("a") } },
      { service: "web", instance: "two", autorun: false },
      { service: "app", instance: undefined, env: { B: text("b") } },
      { service: "db", instance: "one", image: "postgres:17" },
    ],
    { services: [{ name: "web" }, { name: "app" }, { name: "extra" }] },
  );
  const random = expect.stringMatching(/^[a-z]+-[a-z][a-z0-9]{7}$/) as string;
  const cases: [Parameters<typeof plan>[1], string[]][] = [
    [{}, ["web-one", random, "db-one"]],
    [{ group: "g" }, ["web-one"]],
    [{ service: "web", instance: "two" }, ["web-two"]],
    [{ service: "web" }, ["web-one", "web-two"]],
    [{ service: "web", instance: "three", isNew: true }, ["web-three"]],
    [{ service: "web", isNew: true }, [random]],
    [{ service: "web*" }, ["web-one", "web-two"]],
    [{ service: "*", instance: "o*" }, ["web-one", "db-one"]],
    [{ service: "extra" }, [random]],
    [{ service: "reyns-base" }, [expect.stringMatching(/^reyns-base-/) as string]],
  ];
  test.each(cases)("%j", (wish, hosts) => expect(plan(project, wish).starts).toEqual(hosts));

  test("what the conf says holds, also of an instance without a name", () => {
    const [app] = startsOf(plan(project, { service: "app" }).steps);
    expect(app?.spec.env["B"]).toBe("b");
    const [db] = startsOf(plan(project, { service: "db", instance: "new", isNew: true }).steps);
    expect(db?.spec.image).toBe("postgres:17");
  });

  test("a new instance has the definition of its group", () => {
    const spread = projectOf([
      { service: "web", instance: "one", group: "a", env: { A: text("a") } },
      { service: "web", instance: "two", group: "b", env: { A: text("b") } },
    ]);
    const wish = { service: "web", instance: "new", isNew: true };
    const valuesOf = (group?: string): unknown[] =>
      startsOf(plan(spread, { ...wish, group }).steps).map(({ spec }) => spec.env["A"]);
    expect([valuesOf("b"), valuesOf("a"), valuesOf()]).toEqual([["b"], ["a"], ["a"]]);
  });

  const wrong: [Parameters<typeof plan>[1], string, string][] = [
    [
      { service: "web", instance: "three" },
      "UNKNOWN_INSTANCE",
      'no instance "three" of web is defined | accepted: one, two; for one more from the same definition: reyns run web three new=true',
    ],
    [
      { service: "web", instance: "exrta" },
      "UNKNOWN_INSTANCE",
      'no instance "exrta" of web is defined | did you mean the service "extra"?',
    ],
    [{ service: "web", instance: "two", isNew: true }, "INVALID_VALUE", "web-two is defined"],
    [
      { service: "wob" },
      "UNKNOWN_SERVICE",
      'no service "wob" in project "shop" | did you mean "web"? accepted: web, app, db, extra, all',
    ],
    [{ service: "x*" }, "UNKNOWN_INSTANCE", 'nothing in the conf "default" matches "x*"'],
    [{ group: "h" }, "UNKNOWN_GROUP", 'the conf "default" has no group "h" | accepted: g'],
    [{ service: "web", instance: "A_b" }, "INVALID_VALUE", 'invalid instance name "A_b"'],
    [
      { service: "web", instance: "x".repeat(60) },
      "INVALID_VALUE",
      `host name "web-${"x".repeat(60)}" has 64`,
    ],
  ];
  test.each(wrong)("%j is refused", (wish, code, message) => {
    const [error] = thrownBy(() => plan(project, wish));
    expect(error?.code as string).toBe(code);
    expect(`${error?.message} | ${error?.hint}`).toStartWith(message);
  });

  test("nothing to run says so; a name that is too long with a random part is refused", () => {
    expect(thrownBy(() => plan(projectOf([])))[0]?.message).toBe(
      'the conf "default" has no instances to run',
    );
    const long = projectOf([{ service: "x".repeat(60), instance: undefined }]);
    expect(thrownBy(() => plan(long))[0]).toMatchObject({ code: "INVALID_VALUE" });
  });
});
