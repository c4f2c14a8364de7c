// What a plan is made from, with everything that a test does not care for filled in.
import { labels } from "../../../src/model/labels.ts";
import type { Observed, ObservedImage, ObservedInstance } from "../../../src/model/observed.ts";
import { planRun, type RunPlan } from "../../../src/plan/run-plan.ts";
import type { RunRequest } from "../../../src/plan/run-request.ts";
import type { Selection } from "../../../src/plan/select/selection.ts";
import type { StartInstance, Step } from "../../../src/model/steps.ts";
import type { BuildSettings } from "../../../src/plan/build-plan.ts";
import {
  defineInstance,
  type InstanceDefinition,
  type Project,
  type ServiceFolder,
} from "../../../src/model/project.ts";
import { bundledServices } from "../../../src/project/services/read.ts";

const assets = "assets-1";

const bundled = ["reyns/reyns-common:latest", "reyns/reyns-base:latest", "reyns/reyns-dns:latest"];

function bundledLabels(name: string): ObservedImage["labels"] {
  const isDns = name.startsWith("reyns/reyns-dns:");
  return { [labels.base]: "true", [labels.assets]: assets, ...(isDns && { [labels.dns]: "true" }) };
}

/** An Engine that has the named images, the bundled ones and nothing else. */
export function observed(
  given: Partial<Omit<Observed, "images">> & { readonly images?: readonly string[] } = {},
): Observed {
  const own: [string, ObservedImage][] = (given.images ?? []).map((name) => [
    name.includes(":") ? name : `${name}:latest`,
    // What services build is based on a bundled image, unless a test says otherwise.
    {
      id: `sha256:${name}`,
      labels: /^(?:shop|reyns-demo)\//.test(name) ? { [labels.base]: "true" } : {},
    },
  ]);
  const base: [string, ObservedImage][] = bundled.map((name) => [
    name,
    { id: `sha256:${name}`, labels: bundledLabels(name) },
  ]);
  const root: [string, ObservedImage] = ["debian:bookworm-slim", { id: "sha256:root", labels: {} }];
  return {
    instances: [],
    publishers: [],
    keeper: undefined,
    subnet: "10.200.0.0/20",
    nameConflicts: [],
    takenSubnets: [],
    ...given,
    images: new Map([root, ...base, ...own]),
  };
}

export const build: BuildSettings = {
  cache: true,
  assets,
  rebuildBundled: false,
  rootfs: undefined,
  builder: {},
};

const select = (given: Partial<Selection> = {}): Selection => ({
  service: "all",
  instance: undefined,
  group: undefined,
  instanceType: undefined,
  properties: {},
  extraArgs: undefined,
  publishSshOn: undefined,
  seedCommand: undefined,
  env: {},
  deps: false,
  isNew: false,
  ...given,
});

type Wish = Partial<Omit<RunRequest, "selections">> & Partial<Selection>;

/** Plans one selection, "all" unless said otherwise, on an Engine where all images are built. */
export function plan(project: Project, wish: Wish = {}): RunPlan {
  const images = [...project.services.values()].map(({ image }) => image);
  return planRun({
    project,
    observed: observed({ images: images.filter((image) => !image.startsWith("reyns/")) }),
    sources: { caller: {}, hostConf: {}, interfaces: {} },
    hostHostname: "laptop",
    build,
    timeout: 60,
    parallel: false,
    recreate: false,
    keep: false,
    prune: false,
    previousRunFailed: false,
    allowPublic: false,
    hostAddresses: undefined,
    ...wish,
    selections: [select(selectionIn(wish))],
  });
}

function selectionIn(wish: Wish): Partial<Selection> {
  const { service, instance, group, instanceType, properties, seedCommand, env } = wish;
  const { deps, isNew } = wish;
  const named = { service, instance, group, instanceType, properties, seedCommand, env };
  const given = { ...named, deps, isNew };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

export function startsOf(steps: readonly Step[]): StartInstance[] {
  return steps.filter((step) => step.kind === "start-instance");
}

export function startOf(steps: readonly Step[], host: string): StartInstance {
  const start = startsOf(steps).find((step) => step.host === host);
  if (!start) throw new Error(`the plan does not start ${host}`);
  return start;
}

/** Each step with those that it waits for. */
export const orderOf = (steps: readonly Step[]): Record<string, readonly string[]> =>
  Object.fromEntries(steps.map(({ id, after }) => [id, after]));

/** The address that a planned instance will have; empty for one in the host's network. */
export function addressOf(step: StartInstance | undefined): string {
  return step?.spec.network?.address ?? "";
}

/** The instance that the Engine shows when a planned one has been started. */
export function started(
  { spec, register, ready, host }: StartInstance,
  given: Partial<ObservedInstance> = {},
): ObservedInstance {
  const label = (name: string): string => spec.labels[name] ?? "";
  return {
    id: `id-${host}`,
    containerName: spec.name,
    project: label(labels.project),
    origin: label(labels.folder),
    service: label(labels.service),
    instance: label(labels.instance),
    host,
    instanceType: "standard",
    group: spec.labels[labels.group],
    conf: label(labels.conf),
    image: spec.image,
    imageId: `sha256:${spec.image}`,
    hasEntrypoint: true,
    isDns: spec.image === "reyns/reyns-dns",
    temporaryVolume: undefined,
    secrets: [],
    state: "running",
    exitCode: undefined,
    upFor: undefined,
    isJob: label(labels.job) === "true",
    health: undefined,
    address: spec.network?.address,
    ports: [],
    createdAt: 0,
    definition: label(labels.definition),
    registered:
      register && (JSON.parse(label(labels.registration)) as ObservedInstance["registered"]),
    after: label(labels.after).split(",").filter(Boolean),
    readiness: JSON.stringify(ready),
    isAdHoc: label(labels.adHoc) === "true",
    isAttached: label(labels.session) !== "",
    mounts: [],
    predecessor: undefined,
    hasOldKeys: false,
    ...given,
  };
}

/** A project without files: services of the given names, and instances of a conf. */
export function projectOf(
  instances: readonly (Partial<InstanceDefinition> & { readonly service: string })[],
  given: {
    readonly services?: readonly Partial<ServiceFolder>[];
    readonly sequential?: boolean;
  } = {},
): Project {
  const names = new Set(
    instances.filter(({ image }) => image === undefined).map((one) => one.service),
  );
  const folders =
    given.services ??
    [...names].filter((name) => !name.startsWith("reyns-")).map((name) => ({ name }));
  const own = folders.map((folder) => serviceFolder(folder));
  return {
    name: "shop",
    folder: "/home/me/shop",
    origin: "/home/me/shop",
    dataFolder: "/home/me/shop/data_shop",
    conf: {
      name: "default",
      file: "/home/me/shop/reyns.ts",
      sequential: given.sequential ?? false,
      instances: instances.map(instanceDefinition),
    },
    updatePolicy: "REPLACE",
    services: new Map([...bundledServices, ...own].map((service) => [service.name, service])),
  };
}

function serviceFolder(given: Partial<ServiceFolder>): ServiceFolder {
  const name = given.name ?? "web";
  return {
    name,
    folder: `/home/me/shop/services/${name}`,
    image: `shop/${name}`,
    parents: ["reyns/reyns-base"],
    ports: [],
    privileged: false,
    requiredVariables: {},
    prestartup: undefined,
    noAutobuild: false,
    buildArguments: [],
    repeatable: true,
    ...given,
  };
}

function instanceDefinition(
  given: Partial<InstanceDefinition> & { readonly service: string },
): InstanceDefinition {
  return defineInstance({
    instance: "one",
    at: { file: "/home/me/shop/reyns.ts", line: 1, column: 1 },
    ...given,
  });
}
