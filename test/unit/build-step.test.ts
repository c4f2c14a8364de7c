import { expect, test } from "bun:test";
import { labels } from "../../src/model/labels.ts";
import type { BuildImage } from "../../src/model/build-image.ts";
import { observed } from "./support/planning.ts";
import { bareEngine, buildSteps, buildOrder } from "./support/builds.ts";

const noBuild = { context: ".", dockerfile: "Dockerfile", args: {}, target: undefined };

test("a call's arguments and its pull win over the definition's, and leave bundled images alone", () => {
  const args = { A: "file", B: "file" };
  const web = { name: "web", parents: ["acme/base:latest"], build: { ...noBuild, args } };
  const own = { name: "own", parents: ["reyns/reyns-base"] };
  const given = { pull: true, arguments: { A: "call" } };
  const planned = buildSteps([web, own], ["shop/web", "shop/own"], given, bareEngine);
  expect(buildOrder(planned)).toContainEqual(["pull acme/base:latest", []]);
  const argumentsOf = (id: string): object | undefined => {
    const step = planned.find((one) => one.id === id);
    return step?.kind === "build-image" ? step.arguments : undefined;
  };
  expect(argumentsOf("build shop/web")).toMatchObject({ A: "call", B: "file" });
  expect(argumentsOf("build reyns/reyns-base")).not.toHaveProperty("A");
});

test("a build is described completely; only arguments that are declared are given", () => {
  const builder = { BUILDING_UID: "1000", BUILDING_GID: "1000" };
  const [step] = buildSteps(
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
  const planned = buildSteps(services, ["shop/named:latest"], {}, seen);
  expect(buildOrder(planned)).toEqual([
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
  const [step] = buildSteps(
    [{ name: "web", folder, parents: [], repeatable: false }],
    ["shop/web"],
  );
  expect(step as BuildImage).toMatchObject({ context: { git: folder }, repeatable: false });
});

test("what BuildKit may ask for is in the step with absolute paths, and without values", () => {
  const given = {
    ...{ context: ".", dockerfile: "Dockerfile", args: {}, target: undefined, inlineCache: true },
    secrets: { token: { env: "TOKEN" }, words: { file: "./words" } },
    ssh: { default: null, deploy: "keys/id" },
  };
  const [step] = buildSteps([{ name: "web", parents: [], build: given }], ["shop/web"]);
  expect(step as BuildImage).toMatchObject({
    settings: { inlineCache: true },
    secrets: { token: { env: "TOKEN" }, words: { file: "/home/me/shop/words" } },
    ssh: { default: null, deploy: "/home/me/shop/keys/id" },
  });
});
