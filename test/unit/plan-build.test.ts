import { describe, expect, test } from "bun:test";
import { requireBuilt } from "../../src/cli/commands/run/require-built.ts";
import { planBuilds, type BuildSettings } from "../../src/plan/build-plan.ts";
import { hasEntrypoint, prestartupOrder } from "../../src/plan/resolve/images.ts";
import { labels } from "../../src/model/labels.ts";
import type { Observed } from "../../src/model/observed.ts";
import { chooseServices } from "../../src/plan/select/services.ts";
import type { BuildImage } from "../../src/model/build-image.ts";
import type { Step } from "../../src/model/steps.ts";
import type { ServiceFolder } from "../../src/model/project.ts";
import { build, observed, projectOf } from "./support/planning.ts";
import { thrownBy } from "./support/project-folder.ts";

const nothing: Observed = { ...observed(), images: new Map() };

function steps(
  services: readonly Partial<ServiceFolder>[],
  images: readonly string[],
  settings: Partial<BuildSettings> = {},
  seen: Observed = observed(),
): Step[] {
  return planBuilds(projectOf([], { services }), images, seen, { ...build, ...settings });
}

const noBuild = { context: ".", dockerfile: "Dockerfile", args: {}, target: undefined };

const order = (planned: readonly Step[]): [string, readonly string[]][] =>
  planned.map(({ id, after }) => [id, after]);

const chain = [
  { name: "web", parents: ["node:22", "shop/app"] },
  { name: "app", parents: ["shop/db:latest"] },
  { name: "db" },
  { name: "other", parents: ["shop/db"] },
];

describe("parents first", () => {
  test("each once, and nothing that is not needed", () => {
    expect(order(steps(chain, ["shop/web", "shop/other"]))).toEqual([
      ["build shop/db", []],
      ["build shop/app", ["build shop/db"]],
      ["build shop/web", ["build shop/app"]],
      ["build shop/other", ["build shop/db"]],
    ]);
  });

  test("down to the root, on a bare host", () => {
    expect(order(steps([{ name: "web" }], ["shop/web"], {}, nothing))).toEqual([
      ["root debian:bookworm-slim", []],
      ["build reyns/reyns-common", ["root debian:bookworm-slim"]],
      ["build reyns/reyns-base", ["build reyns/reyns-common"]],
      ["build shop/web", ["build reyns/reyns-base"]],
    ]);
    expect(
      order(steps([{ name: "web", parents: ["debian:bookworm-slim"] }], ["shop/web"], {}, nothing)),
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
    expect(thrownBy(() => steps(services, [`shop/${services[0]?.name}`]))[0]).toMatchObject({
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
    expect(order(steps([web({})], ["shop/web"]))).toEqual([["build shop/web", []]]);
  });

  test("starts from the registry's with pull", () => {
    expect(order(steps([web({ pull: true })], ["shop/web"]))).toEqual([
      ["pull acme/base:latest", []],
      ["build shop/web", ["pull acme/base:latest"]],
    ]);
  });
});

test("a call's arguments and its pull win over the definition's, and leave bundled images alone", () => {
  const args = { A: "file", B: "file" };
  const web = { name: "web", parents: ["acme/base:latest"], build: { ...noBuild, args } };
  const own = { name: "own", parents: ["reyns/reyns-base"] };
  const given = { pull: true, arguments: { A: "call" } };
  const planned = steps([web, own], ["shop/web", "shop/own"], given, nothing);
  expect(order(planned)).toContainEqual(["pull acme/base:latest", []]);
  const argumentsOf = (id: string): object | undefined => {
    const step = planned.find((one) => one.id === id);
    return step?.kind === "build-image" ? step.arguments : undefined;
  };
  expect(argumentsOf("build shop/web")).toMatchObject({ A: "call", B: "file" });
  expect(argumentsOf("build reyns/reyns-base")).not.toHaveProperty("A");
});

test("the names of the older tools are tags of the same image", () => {
  const old = ["reyns/reyns-base-ubuntu14.04", "dockerops/dockerops-base-ubuntu14.04"];
  const services = old.map((parent, index) => ({ name: `s${index}`, parents: [parent] }));
  expect(order(steps(services, ["shop/s0", "shop/s1"]))).toEqual([
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
  expect(order(steps(services, ["shop/s0"], {}, stale))[0]).toEqual([`tag ${old[0]}`, []]);
  expect(order(steps(services, ["shop/s0"], {}, there))).toEqual([["build shop/s0", []]]);
});

test("without builds, bundled images of another version are as good as any", () => {
  const settings = { assets: "assets-2", keepBundled: true };
  expect(steps([], ["reyns/reyns-base"], settings)).toEqual([]);
  expect(order(steps([], ["reyns/reyns-common"], settings, nothing))).not.toEqual([]);
});

test("without builds, an image that is missing is an error with the calls that build it", () => {
  const services = [{ name: "web" }, { name: "api", parents: ["shop/web"] }];
  expect(() => requireBuilt(steps([], []))).not.toThrow();
  const errors = [observed(), nothing].map(
    (seen) => thrownBy(() => requireBuilt(steps(services, ["shop/api"], {}, seen)))[0],
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
    const planned = steps([], ["reyns/reyns-base"], settings);
    expect(planned.filter(({ kind }) => kind === "build-image").map(({ id }) => id)).toEqual(
      names.map((name) => `build reyns/reyns-${name}`),
    );
    expect(planned.some(({ kind }) => kind === "root-image")).toBe("rootfs" in settings);
  });

  test("bear the digest of what they are made from", () => {
    const [step] = steps([], ["reyns/reyns-common"], { rebuildBundled: true });
    expect(step).toMatchObject({
      context: { bundled: "common" },
      labels: { [labels.assets]: build.assets },
    });
  });
});

test("a build is described completely; only arguments that are declared are given", () => {
  const builder = { BUILDING_UID: "1000", BUILDING_GID: "1000" };
  const [step] = steps(
    [{ name: "web", parents: ["node:22"], buildArguments: ["BUILDING_UID", "X"] }],
    ["shop/web"],
    {
      builder,
      cache: false,
    },
  );
  expect(step as BuildImage).toEqual({
    kind: "build-image",
    id: "build shop/web",
    after: [],
    title: "shop/web",
    reason: "not built yet",
    image: "shop/web",
    context: {
      folder: "/home/me/shop/services/web",
      privatePaths: ["/home/me/shop/.reyns", "/home/me/shop/host.conf", "/home/me/shop/data_shop"],
    },
    dockerfile: "Dockerfile",
    target: undefined,
    bases: ["node:22"],
    arguments: { BUILDING_UID: "1000" },
    labels: { [labels.folder]: "/home/me/shop" },
    cache: false,
    repeatable: true,
  });
});

test("what only a registry has is pulled where it runs, not where it is a parent", () => {
  expect(
    order(
      steps([{ name: "web", parents: ["node:22"] }], ["shop/web", "postgres:17", "redis:latest"]),
    ),
  ).toEqual([
    ["build shop/web", []],
    ["pull postgres:17", []],
    ["pull redis", []],
  ]);
  expect(steps([], ["redis"], {}, observed({ images: ["redis"] }))).toEqual([]);
});

test("what a build asks for is in its step: settings, names and labels, and a pull of its base", () => {
  const settings = {
    network: "none",
    cacheFrom: ["shop/old"],
    platform: "linux/arm64",
    shmSize: 1,
    extraHosts: ["a:192.0.2.1"],
    ulimits: [{ name: "nofile", soft: 1, hard: 2 }],
  };
  const given = {
    context: ".",
    dockerfile: "Dockerfile",
    args: {},
    target: undefined,
    ...settings,
    labels: { a: "b" },
    noCache: true,
    pull: true,
    image: "shop/named",
    tags: ["shop/web", "shop/other:2"],
  };
  const services = [{ name: "web", parents: ["node:22", "shop/db"], build: given }, { name: "db" }];
  const seen = observed({ images: ["node:22"] });
  const planned = steps(services, ["shop/named:latest"], {}, seen);
  expect(order(planned)).toEqual([
    ["pull node:22", []],
    ["build shop/db", []],
    ["build shop/web", ["pull node:22", "build shop/db"]],
  ]);
  expect(planned.at(-1) as BuildImage).toMatchObject({
    settings,
    cache: false,
    tags: ["shop/named", "shop/other:2"],
    labels: { a: "b", [labels.folder]: "/home/me/shop" },
  });
});

test("a git repository is built where the Engine fetches it, and asked for each time", () => {
  const folder = "https://example.org/web.git#main:docker";
  const [step] = steps([{ name: "web", folder, parents: [], repeatable: false }], ["shop/web"]);
  expect(step as BuildImage).toMatchObject({ context: { git: folder }, repeatable: false });
});

test("what BuildKit may ask for is in the step with absolute paths, and without values", () => {
  const given = {
    ...{ context: ".", dockerfile: "Dockerfile", args: {}, target: undefined, inlineCache: true },
    secrets: { token: { env: "TOKEN" }, words: { file: "./words" } },
    ssh: { default: null, deploy: "keys/id" },
  };
  const [step] = steps([{ name: "web", parents: [], build: given }], ["shop/web"]);
  expect(step as BuildImage).toMatchObject({
    settings: { inlineCache: true },
    secrets: { token: { env: "TOKEN" }, words: { file: "/home/me/shop/words" } },
    ssh: { default: null, deploy: "/home/me/shop/keys/id" },
  });
});

test("folders that are contexts of a build become images first, and are never pulled", () => {
  const folders = [{ image: "shop/web.files", folder: "/home/me/files" }];
  const web = {
    ...{ name: "web", parents: ["shop/web.files", "shop/db"], dockerfileText: "FROM …" },
    addedStages: { line: 0, count: 2, folders },
    build: { context: ".", dockerfile: "Dockerfile", args: {}, target: undefined, pull: true },
  };
  const planned = steps([web, { name: "db" }], ["shop/web"]);
  expect(order(planned)).toEqual([
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
    const planned = steps(services, ["shop/api", "shop/worker", "shop/debug", "shop/other"]);
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
