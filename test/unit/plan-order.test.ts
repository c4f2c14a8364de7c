import { describe, expect, test } from "bun:test";
import { labels } from "../../src/model/labels.ts";
import { scopeOf } from "../../src/model/resource-names.ts";
import { build, observed, plan, projectOf, orderOf } from "./support/planning.ts";
import { thrownBy } from "./support/project-folder.ts";
import { linkToService, linkToHosts } from "./support/definitions.ts";

describe("order", () => {
  const project = projectOf([
    {
      service: "web",
      instance: "one",
      after: [{ service: "db", instance: null }],
      links: [linkToHosts("app", "app-*")],
    },
    { service: "db", instance: "one" },
    { service: "app", instance: "one" },
    { service: "app", instance: "two" },
  ]);
  test("a graph: what nothing links or orders starts at once", () => {
    expect(orderOf(plan(project).steps)).toEqual({
      "start web-one": ["start app-one", "start db-one"],
      "start db-one": [],
      "start app-one": [],
      "start app-two": [],
    });
  });

  test("a sequence: one after another, links only to those before", () => {
    const sequence = { ...project, conf: { ...project.conf, sequential: true } };
    const { steps, missing } = plan(sequence);
    expect(orderOf(steps)).toEqual({
      "start web-one": [],
      "start db-one": ["start web-one"],
      "start app-one": ["start db-one"],
      "start app-two": ["start app-one"],
    });
    expect(missing.map(({ name }) => name)).toEqual(["APP_SERVICE_IP"]);
    expect(plan(sequence, { parallel: true })).toEqual(plan(project));
  });

  test("a circle is refused, with its way", () => {
    const circle = projectOf([
      { service: "a", links: [linkToService("b", "b")] },
      { service: "b", after: [{ service: "c", instance: "one" }] },
      { service: "c", links: [linkToHosts("a", "a-*")] },
    ]);
    expect(thrownBy(() => plan(circle))[0]).toMatchObject({
      code: "INVALID_PROJECT",
      message: "instances wait for each other in a circle: a-one -> b-one -> c-one -> a-one",
      hint: [
        "a-one links to b-one (reyns.ts:1)",
        "b-one comes after c-one (reyns.ts:1)",
        "c-one links to a-one (reyns.ts:1)",
        "take out one of these",
      ].join("\n"),
    });
  });

  test("all images, then the network, then instances; each of them waits for what it needs only", () => {
    const images = projectOf([
      { service: "web" },
      ...["postgres", "redis:latest", "debian:bookworm-slim", "dockerops/dockerops-dns"].map(
        (image, index) => ({
          service: `x${index}`,
          image,
        }),
      ),
    ]);
    const bare = { ...observed(), subnet: undefined, images: new Map() };
    const { steps } = plan(images, { observed: bare });
    const order = orderOf(steps);
    const all = steps.filter(({ kind }) => kind.endsWith("image")).map(({ id }) => id);
    expect(order["network"]).toEqual(all);
    expect(order["keeper"]).toEqual([...all, "network"]);
    expect(order["build shop/web"]).toEqual(["build reyns/reyns-base"]);
    // What runs on the DNS's image is a DNS, and everybody's.
    expect(order["start web-one"]).toEqual(["start x3-one", ...all, "network"]);
    for (const kept of ["x0-one", "x1-one", "x2-one"])
      expect(order[`start ${kept}`]).toEqual(["start x3-one", ...all, "network", "keeper"]);
    expect(order["start x3-one"]).toEqual([...all, "network"]);
    expect(order["tag dockerops/dockerops-dns"]).toEqual(["build reyns/reyns-dns"]);
    expect(steps.find(({ kind }) => kind === "create-network")).toMatchObject({
      name: scopeOf(images),
      labels: { [labels.project]: "shop", [labels.folder]: images.folder },
    });
  });

  test("an image that another folder built is built anew", () => {
    const project1 = projectOf([{ service: "web" }]);
    const theirs = observed({ images: ["shop/web"] });
    const folder = { "io.reyns.folder": "/elsewhere/shop" };
    const image = { id: "x", labels: folder };
    const { steps } = plan(project1, {
      observed: { ...theirs, images: new Map([...theirs.images, ["shop/web:latest", image]]) },
    });
    expect(steps.map(({ id }) => id)).toEqual(["build shop/web", "start web-one"]);
  });
});

test("a plan has no use for the clock or chance: the same twice", () => {
  const project = projectOf([
    { service: "web", links: [linkToService("x", "web")] },
    { service: "web", instance: "two" },
  ]);
  expect(plan(project)).toEqual(plan(project, { build }));
});
