import { describe, expect, test } from "bun:test";
import type { LinkDefinition } from "../../src/model/project.ts";
import {
  addressOf,
  observed,
  plan,
  projectOf,
  started,
  startOf,
  startsOf,
} from "./support/planning.ts";
import { linkToService, linkToHosts } from "./support/definitions.ts";

describe("links", () => {
  const apps = ["a", "b"].map((instance) => ({ service: "app", instance }));
  const cases: [LinkDefinition, Record<string, string>, string | undefined, boolean][] = [
    [
      { name: "X", target: { service: "app", instance: "b" } },
      { X_SERVICE_IP: "app-b" },
      "app-b",
      false,
    ],
    [linkToService("MY-APP", "app"), { MY_APP_SERVICE_IP: "app-a" }, "app-a", true],
    [linkToHosts("db", "app-b"), { DB_SERVICE_IP: "app-b" }, "app-b", false],
    [linkToHosts("db", "app-*"), { DB_SERVICE_IP: "app-a" }, "app-a", true],
    [linkToHosts("x", "*b"), { X_SERVICE_IP: "app-b" }, "app-b", false],
    [linkToService("x", "nowhere"), {}, undefined, false],
  ];
  test.each(cases)("%j", (link, variables, target, warns) => {
    const project = projectOf([{ service: "web", links: [link] }, ...apps]);
    const { steps, missing, warnings } = plan(project);
    const web = startOf(steps, "web-one");
    const addressAt = (name: string): string => addressOf(startOf(steps, name));
    for (const [name, leads] of Object.entries(variables))
      expect(web.spec.env[name]).toBe(addressAt(leads));
    expect(web.after).toEqual(
      target === undefined
        ? []
        : ["start app-a", "start app-b"].filter((id) => warns || id.endsWith(target)).slice(0, 1),
    );
    expect(web.spec.extraHosts).toEqual(
      target === undefined ? [] : [{ name: link.name.toLowerCase(), address: addressAt(target) }],
    );
    expect(warnings).toHaveLength(warns ? 1 : 0);
    expect(missing.map(({ name, hosts }) => [name, hosts])).toEqual(
      target === undefined ? [["X_SERVICE_IP", ["web-one"]]] : [],
    );
  });

  test("of several the first, and it says which", () => {
    const project = projectOf([{ service: "web", links: [linkToService("x", "app")] }, ...apps]);
    expect(plan(project).warnings).toEqual([
      "web-one: the link x leads to app-a; app is also app-b",
    ]);
  });

  test("a value given for a target that is not there is as good", () => {
    const project = projectOf([{ service: "web", links: [linkToService("x", "nowhere")] }]);
    const sources = { caller: { X_SERVICE_IP: "9.9.9.9" }, hostConf: {}, interfaces: {} };
    const { missing, steps } = plan(project, { sources });
    expect(missing).toEqual([]);
    expect(startOf(steps, "web-one").spec).toMatchObject({
      env: { X_SERVICE_IP: "9.9.9.9" },
      extraHosts: [{ name: "x", address: "9.9.9.9" }],
    });
  });

  test("to what runs already, not to what is stopped, nor to itself", () => {
    const project = projectOf([
      { service: "web", links: [linkToService("x", "app"), linkToService("y", "web")] },
    ]);
    const [app] = startsOf(plan(projectOf([{ service: "app" }])).steps);
    if (!app) throw new Error("no step");
    const withApp = (state: string) =>
      plan(project, {
        observed: observed({ instances: [started(app, { state })], images: ["shop/web"] }),
      });
    const names = (state: string) => withApp(state).missing.map(({ name }) => name);
    expect(names("running")).toEqual(["Y_SERVICE_IP"]);
    expect(names("exited")).toEqual(["X_SERVICE_IP", "Y_SERVICE_IP"]);
    expect(startOf(withApp("running").steps, "web-one").after).toEqual([]);
  });

  test("linked=False turns them off, and the DNS with them", () => {
    const project = projectOf([
      { service: "reyns-dns", instance: "main" },
      { service: "web", links: [linkToService("x", "nowhere")] },
    ]);
    const { missing, steps } = plan(project, { properties: { linked: false } });
    expect(missing).toEqual([]);
    expect(startOf(steps, "web-one")).toMatchObject({
      after: [],
      register: undefined,
      spec: { dns: undefined },
    });
  });
});
