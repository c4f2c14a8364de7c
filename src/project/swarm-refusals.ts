import type { RuntimeSettings } from "../model/container-spec.ts";
import type { InstanceDefinition } from "../model/project.ts";
import { presetNames, properties } from "../model/properties.ts";
import { instanceTypes } from "../model/instance-types.ts";

/** A field that an instance cannot have as a service of Docker Swarm, and what it can have instead. */
export interface RefusedField {
  readonly key: string;
  readonly instead: string;
  /** What it cannot have, where that is not the field itself. */
  readonly what?: string;
}

const asContainer = "or run it as a container, without swarm";
const ownNamespaces = `leave it out: a task has namespaces of its own; ${asContainer}`;
const byCpus = "use cpus, such as cpus: 0.5";
const noDevices = `leave it out: a task gets no devices; ${asContainer}`;
const byHealth = "use healthcheck: Swarm waits until it passes; or ready.started()";

/** Settings of a container that the Engine's API takes for a service, and loses without an error. */
const lostSettings: { readonly [Key in keyof RuntimeSettings]?: string } = {
  annotations: "use labels",
  blkioConfig: `leave it out; ${asContainer}`,
  cgroup: ownNamespaces,
  cgroupParent: `leave it out; ${asContainer}`,
  cpuPeriod: byCpus,
  cpuQuota: byCpus,
  cpuRtPeriod: byCpus,
  cpuRtRuntime: byCpus,
  cpuShares: byCpus,
  cpuset: byCpus,
  deviceCgroupRules: noDevices,
  devices: noDevices,
  domainname: 'write the whole name: hostname: "web.example.com"',
  gpus: noDevices,
  ipc: ownNamespaces,
  macAddress: "leave it out: Swarm chooses the addresses, and names lead to them",
  memSwappiness: "use memLimit and memReservation",
  memswapLimit: "use memLimit and memReservation",
  oomKillDisable: "use memLimit and memReservation",
  oomScoreAdj: "use memLimit and memReservation",
  pid: ownNamespaces,
  platform: 'use placement: { constraints: ["node.platform.arch==x86_64"] }',
  runtime: "leave it out: each node uses its own default",
  securityOpt: "use capDrop, user and readOnly",
  shmSize: 'use tmpfs: { "/dev/shm": "size=256m" }',
  storageOpt: `leave it out; ${asContainer}`,
  usernsMode: ownNamespaces,
  uts: ownNamespaces,
};

/** The settings of a definition that its service would lose. */
function lostSettingsOf({ runtime = {} }: InstanceDefinition): RefusedField[] {
  return Object.entries(lostSettings)
    .filter(([key]) => isGiven(runtime[key as keyof RuntimeSettings]))
    .map(([key, instead]) => ({ key, instead }));
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}

interface Row extends RefusedField {
  readonly isGiven: (definition: InstanceDefinition) => boolean;
}

/** What Reyns does with a container, and cannot do with tasks that come and go on any node. */
const rows: readonly Row[] = [
  {
    key: "job",
    isGiven: ({ job }) => job !== undefined,
    instead: `leave it out: a service keeps running; ${asContainer}`,
  },
  {
    key: "test",
    isGiven: ({ isTest }) => isTest === true,
    instead: `leave out one of them; ${asContainer}`,
  },
  {
    key: "route",
    isGiven: ({ routes }) => routes !== undefined,
    instead: "publish a port: the router leads to containers",
  },
  { key: "replace", isGiven: ({ replace }) => replace !== undefined, instead: "use swarm.order" },
  {
    key: "drain",
    isGiven: ({ drain }) => drain !== undefined,
    instead: "use stopSignal and stopGracePeriod",
  },
  {
    key: "ready",
    isGiven: ({ ready }) => ready !== undefined && !["healthy", "started"].includes(ready.kind),
    instead: byHealth,
  },
  {
    key: "postStart",
    isGiven: ({ hooks }) => (hooks?.postStart.length ?? 0) > 0,
    instead: "put it into the image's entrypoint",
  },
  {
    key: "preStop",
    isGiven: ({ hooks }) => (hooks?.preStop.length ?? 0) > 0,
    instead: "use stopSignal and stopGracePeriod",
  },
  {
    key: "privileged",
    isGiven: ({ privileged }) => privileged === true,
    instead: `use capAdd; ${asContainer}`,
  },
  {
    key: "volumesFrom",
    isGiven: ({ volumesFrom = [] }) => volumesFrom.length > 0,
    instead: "use files, secrets or tmpfs",
  },
  {
    key: "networkMode",
    isGiven: ({ networkMode }) => networkMode !== undefined,
    instead: 'use networks: ["NAME"] with network("NAME", { driver: "overlay", attachable: true })',
  },
  {
    key: "extraArgs",
    isGiven: ({ extraArgs }) => Boolean(extraArgs),
    instead: "write the options of service()",
  },
  {
    key: "restart",
    isGiven: ({ runtime }) => runtime?.restart === "unless-stopped",
    instead: '"always", which is the default, "on-failure", "on-failure:3" or "no"',
  },
];

/** Those of these fields that a definition has. */
export function refusedFieldsOf(definition: InstanceDefinition): RefusedField[] {
  return [
    ...rows.filter((row) => row.isGiven(definition)),
    ...lostSettingsOf(definition),
    ...localPropertiesOf(definition),
  ];
}

const kept = `use files, secrets or tmpfs: what it keeps would stay on the node that it leaves; ${asContainer}`;

/** What binds it to one machine; what an instance type presets counts as well. */
function localPropertiesOf(definition: InstanceDefinition): RefusedField[] {
  const { properties: own, instance } = definition;
  const named = instanceTypes.find((type) => type === instance);
  const type = definition.instanceType ?? named ?? "standard";
  const local = presetNames.filter((name) => name.startsWith("persistent") || name === "nethost");
  const given = local.filter((name) => own[name] === true);
  const preset = local.filter((name) => own[name] === undefined && presetsOf(name).includes(type));
  const key = definition.instanceType === undefined ? "instance" : "instanceType";
  const turnedOff = preset.map((name) => `${name}: false`).join(", ");
  return [
    ...given.map((name) => ({
      key: name,
      instead: name === "nethost" ? 'use networks: ["NAME"]' : kept,
    })),
    ...(preset.length === 0
      ? []
      : [
          { key, what: `what the type "${type}" keeps on its host`, instead: `write ${turnedOff}` },
        ]),
  ];
}

function presetsOf(name: (typeof presetNames)[number]): readonly string[] {
  return properties[name].presets;
}
