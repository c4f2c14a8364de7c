import { describe, expect, test } from "bun:test";
import { requireBuilt } from "../../src/cli/commands/run/require-built.ts";
import { hasEntrypoint, prestartupOrder } from "../../src/plan/resolve/images.ts";
import { labels } from "../../src/model/labels.ts";
import type { BuildImage } from "../../src/model/build-image.ts";
import type { ServiceFolder } from "../../src/model/project.ts";
import { build, observed, plan, projectOf, started, startsOf } from "./support/planning.ts";
import { thrownBy } from "./support/project-folder.ts";
import { bareEngine, buildSteps, buildOrder } from "./support/builds.ts";

const noBuild = { context: ".", dockerfile: "Dockerfile", args: {}, target: undefined };

const chain = [
  { name: "web", parents: ["node:22", "shop/app"] },
  { name: "app", parents: ["shop/db:latest"] },
  { name: "db" },
  { name: "other", parents: ["shop/db"] },
];

describe("parents first", () => {
  test("each once, and nothing that is not needed", () => {
    expect(buildOrder(buildSteps(chain, ["shop/web", "shop/other"]))).toEqual([
      ["build shop/db", []],
      ["build shop/app", ["build shop/db"]],
      ["build shop/web", ["build shop/app"]],
      ["build shop/other", ["build shop/db"]],
    ]);
  });

  test("down to the root, on a bare host", () => {
    expect(buildOrder(buildSteps([{ name: "web" }], ["shop/web"], {}, bareEngine))).toEqual([
      ["root debian:bookworm-slim", []],
      ["build reyns/reyns-common", ["root debian:bookworm-slim"]],
      ["build reyns/reyns-base", ["build reyns/reyns-common"]],
      ["build shop/web", ["build reyns/reyns-base"]],
    ]);
    expect(
      buildOrder(
        buildSteps(
          [{ name: "web", parents: ["debian:bookworm-slim"] }],
          ["shop/web"],
          {},
          bareEngine,
        ),
      ),
    ).toEqual([
      ["root debian:bookworm-slim", []],
      ["build shop/web", ["root debian:bookworm-slim"]],
    ]);
  });

  const circles: [Partial<ServiceFolder>[], string][] = [
    [[{ name: "a", parents: ["shop/a"] }], "shop/a -> shop/a"],
    [
      [
        { name: "a", parents: ["acme/b"], build: { ...noBuild, image: "acme/a" } },
        { name: "b", parents: ["acme/a"], build: { ...noBuild, image: "acme/b" } },
      ],
      "shop/a -> shop/b -> shop/a",
    ],
    [
      [
        { name: "x", parents: ["shop/a"] },
        { name: "a", parents: ["shop/b"] },
        { name: "b", parents: ["shop/a"] },
      ],
      "shop/a -> shop/b -> shop/a",
    ],
  ];
  test.each(circles)("a circle is refused: %j", (services, way) => {
    expect(thrownBy(() => buildSteps(services, [`shop/${services[0]?.name}`]))[0]).toMatchObject({
      code: "INVALID_PROJECT",
      message: `services build on each other in a circle: ${way}`,
    });
  });
});

describe("a build that takes over the name of its base", () => {
  const web = (more: object): Partial<ServiceFolder> => ({
    name: "web",
    parents: ["acme/base:latest"],
    build: { ...noBuild, image: "acme/base", ...more },
  });

  test("starts from the image that has it now", () => {
    expect(buildOrder(buildSteps([web({})], ["shop/web"]))).toEqual([["build shop/web", []]]);
  });

  test("starts from the registry's with pull", () => {
    expect(buildOrder(buildSteps([web({ pull: true })], ["shop/web"]))).toEqual([
      ["pull acme/base:latest", []],
      ["build shop/web", ["pull acme/base:latest"]],
    ]);
  });
});

test("the names of the older tools are tags of the same image", () => {
  const old = ["reyns/reyns-base-ubuntu14.04", "dockerops/dockerops-base-ubuntu14.04"];
  const services = old.map((parent, index) => ({ name: `s${index}`, parents: [parent] }));
  expect(buildOrder(buildSteps(services, ["shop/s0", "shop/s1"]))).toEqual([
    [`tag ${old[0]}`, []],
    ["build shop/s0", [`tag ${old[0]}`]],
    [`tag ${old[1]}`, []],
    ["build shop/s1", [`tag ${old[1]}`]],
  ]);
  const image = { id: "sha256:base", labels: { [labels.assets]: build.assets } };
  const names = ["reyns/reyns-base:latest", `${old[0]}:latest`];
  const there = { ...observed(), images: new Map(names.map((name) => [name, image])) };
  const stale = {
    ...there,
    images: new Map(there.images).set(`${old[0]}:latest`, { ...image, id: "old" }),
  };
  expect(buildOrder(buildSteps(services, ["shop/s0"], {}, stale))[0]).toEqual([
    `tag ${old[0]}`,
    [],
  ]);
  expect(buildOrder(buildSteps(services, ["shop/s0"], {}, there))).toEqual([["build shop/s0", []]]);
});

test("without builds, bundled images of another version are as good as any", () => {
  const settings = { assets: "assets-2", keepBundled: true };
  expect(buildSteps([], ["reyns/reyns-base"], settings)).toEqual([]);
  expect(buildOrder(buildSteps([], ["reyns/reyns-common"], settings, bareEngine))).not.toEqual([]);
});

test("without builds, an image that is missing is an error with the calls that build it", () => {
  const services = [{ name: "web" }, { name: "api", parents: ["shop/web"] }];
  expect(() => requireBuilt(buildSteps([], []))).not.toThrow();
  const errors = [observed(), bareEngine].map(
    (seen) => thrownBy(() => requireBuilt(buildSteps(services, ["shop/api"], {}, seen)))[0],
  );
  expect(errors.map((error) => [error?.message, error?.hint])).toEqual([
    [
      "not on this Engine, and build is false: shop/web, shop/api",
      "build first: reyns build web api",
    ],
    [
      "not on this Engine, and build is false: reyns/reyns-common, reyns/reyns-base, shop/web, shop/api, debian:bookworm-slim",
      "build first: reyns build web api; reyns init",
    ],
  ]);
});

describe("bundled images", () => {
  test.each([
    ["up to date", {}, []],
    ["from another executable", { assets: "assets-2" }, ["common", "base"]],
    ["asked for again", { rebuildBundled: true }, ["common", "base"]],
    ["on a root file system given", { rebuildBundled: true, rootfs: "/x.tar" }, ["common", "base"]],
  ])("%s", (_, settings, names) => {
    const planned = buildSteps([], ["reyns/reyns-base"], settings);
    expect(planned.filter(({ kind }) => kind === "build-image").map(({ id }) => id)).toEqual(
      names.map((name) => `build reyns/reyns-${name}`),
    );
    expect(planned.some(({ kind }) => kind === "root-image")).toBe("rootfs" in settings);
  });

  test("bear the digest of what they are made from", () => {
    const [step] = buildSteps([], ["reyns/reyns-common"], { rebuildBundled: true });
    expect(step).toMatchObject({
      context: { bundled: "common" },
      labels: { [labels.assets]: build.assets },
    });
  });
});

test("what only a registry has is pulled where it runs, not where it is a parent", () => {
  expect(
    buildOrder(
      buildSteps(
        [{ name: "web", parents: ["node:22"] }],
        ["shop/web", "postgres:17", "redis:latest"],
      ),
    ),
  ).toEqual([
    ["build shop/web", []],
    ["pull postgres:17", []],
    ["pull redis", []],
  ]);
  expect(buildSteps([], ["redis"], {}, observed({ images: ["redis"] }))).toEqual([]);
});

test("folders that are contexts of a build become images first, and are never pulled", () => {
  const folders = [{ image: "shop/web.files", folder: "/home/me/files" }];
  const web = {
    ...{ name: "web", parents: ["shop/web.files", "shop/db"], dockerfileText: "FROM …" },
    addedStages: { line: 0, count: 2, folders },
    build: { context: ".", dockerfile: "Dockerfile", args: {}, target: undefined, pull: true },
  };
  const planned = buildSteps([web, { name: "db" }], ["shop/web"]);
  expect(buildOrder(planned)).toEqual([
    ["build shop/db", []],
    ["build shop/web.files", []],
    ["build shop/web", ["build shop/db", "build shop/web.files"]],
  ]);
  expect(planned[1] as BuildImage).toMatchObject({
    isFiles: true,
    reason: "files for shop/web",
    context: { folder: "/home/me/files" },
  });
  expect(planned[2] as BuildImage).toMatchObject({ dockerfileText: "FROM …" });
});

test("the entrypoint comes with a bundled image, prestartup scripts parents' first", () => {
  const project = projectOf([], {
    services: [
      { name: "web", parents: ["node", "shop/app"], prestartup: "prestartup_web.sh" },
      { name: "app", prestartup: "prestartup_app.sh", parents: ["dockerops/dockerops-base"] },
      { name: "plain", parents: ["debian"], prestartup: "prestartup_x.sh" },
      { name: "loop", parents: ["shop/loop"], prestartup: "prestartup_loop.sh" },
    ],
  });
  const scripts = (name: string): string[] => prestartupOrder(project, project.services.get(name));
  expect(scripts("web")).toEqual(["prestartup_app.sh", "prestartup_web.sh"]);
  expect(scripts("loop")).toEqual(["prestartup_loop.sh"]);
  expect(scripts("nowhere")).toEqual([]);
  const own = (image: string): boolean =>
    hasEntrypoint(project, image, observed({ images: ["mine"] }));
  expect(
    ["shop/web", "shop/plain", "shop/loop", "reyns/reyns-dns", "mine", "nowhere"].map(own),
  ).toEqual([true, false, false, true, false, false]);
});

test("a Dockerfile on another base counts when its image is built, not before", () => {
  const web = { service: "web" };
  const built = plan(projectOf([web]));
  const instances = startsOf(built.steps).map((step) => started(step));
  const services = [{ name: "web", parents: ["node:24"] }];
  const moved = projectOf([web], { services });
  expect(plan(moved, { observed: observed({ images: ["shop/web"], instances }) }).steps).toEqual(
    [],
  );
  const other = observed({ images: ["shop/web"] });
  const image = { id: "sha256:x", labels: { [labels.base]: "true", [labels.folder]: "/ci/2" } };
  const ofAnother = { ...other, images: new Map([...other.images, ["shop/web:latest", image]]) };
  for (const there of [observed({}), ofAnother]) {
    const { steps } = plan(moved, { observed: there });
    expect(steps.map(({ kind }) => kind)).toContain("build-image");
    expect(startsOf(steps)[0]?.spec.env).not.toHaveProperty("REYNS_PRESTARTUP");
  }
});
