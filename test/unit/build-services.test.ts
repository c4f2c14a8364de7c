import { describe, expect, test } from "bun:test";
import { chooseServices } from "../../src/plan/select/services.ts";
import type { Step } from "../../src/model/steps.ts";
import type { ServiceFolder } from "../../src/model/project.ts";
import { projectOf } from "./support/planning.ts";
import { thrownBy } from "./support/project-folder.ts";
import { buildSteps } from "./support/builds.ts";

describe("which services", () => {
  const project = projectOf([], {
    services: [{ name: "web" }, { name: "web2", noAutobuild: true }, { name: "db" }],
  });
  test.each([
    ["all", ["web", "db"]],
    ["web2", ["web2"]],
    ["web*", ["web", "web2"]],
    ["reyns-dns", ["reyns-dns"]],
  ])("%s", (wanted, names) => {
    expect(chooseServices(project, wanted).map(({ name }) => name)).toEqual(names);
  });
  test("an unknown one is refused", () => {
    expect(thrownBy(() => chooseServices(project, "wob"))[0]?.hint).toStartWith(
      'did you mean "web"?',
    );
  });
  test("a ready image has nothing to build", () => {
    const ready = projectOf([{ service: "cache", image: "redis:7" }]);
    expect(thrownBy(() => chooseServices(ready, "cache"))).toMatchObject([
      { message: "cache uses a ready image: nothing to build" },
    ]);
  });
});

describe("services that are built alike", () => {
  const app = "/home/me/shop/app";
  const alike = (context: Partial<ServiceFolder["build"]> = {}): Partial<ServiceFolder> => ({
    folder: app,
    build: { context: "./app", dockerfile: "Dockerfile", args: {}, target: undefined, ...context },
  });
  const services = [
    { name: "api", ...alike() },
    { name: "worker", ...alike() },
    { name: "debug", ...alike({ target: "debug" }) },
    { name: "other", ...alike({ args: { V: "2" } }) },
  ];
  const kinds = (planned: readonly Step[]): string[] =>
    planned.filter(({ id }) => id.includes("shop/")).map(({ id, kind }) => `${kind} ${id}`);

  test("have one image under all their names, and it is built once", () => {
    const planned = buildSteps(services, ["shop/api", "shop/worker", "shop/debug", "shop/other"]);
    expect(kinds(planned)).toEqual([
      "build-image build shop/api",
      "tag-image build shop/worker",
      "build-image build shop/debug",
      "build-image build shop/other",
    ]);
    expect(planned.find(({ id }) => id === "build shop/worker")).toMatchObject({
      image: "shop/api",
      tag: "shop/worker",
      after: ["build shop/api"],
    });
  });

  test("are all built when one of them is named, also by a service that uses its image", () => {
    const project = projectOf([{ service: "cron", image: "shop/worker" }], { services });
    const chosen = (name: string): string[] =>
      chooseServices(project, name).map((service) => service.name);
    expect(chosen("worker")).toEqual(["worker", "api"]);
    expect(chosen("cron")).toEqual(["worker", "api"]);
    expect(chosen("debug")).toEqual(["debug"]);
  });
});
