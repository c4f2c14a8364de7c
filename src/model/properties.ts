// The properties of an instance that more than one of reyns.ts, .conf, the command line and the instance type can set.
// A new one needs a row here, and a field with its TSDoc in `ServiceOptions`: the compiler compares the two. Schemas, conf
// keys, arguments of `run` and presets follow from the row.
import { instanceTypes, type InstanceType } from "./instance-types.ts";

/** Selects the schemas in `property-schemas.ts`. */
type PropertyKind = "flag" | "instanceType" | "name" | "text" | "options" | "port";

/** An argument of `run` and `rerun`, as citty defines one. */
type Argument =
  | { readonly type: "boolean"; readonly description: string }
  | { readonly type: "string"; readonly valueHint: string; readonly description: string }
  | {
      readonly type: "enum";
      readonly options: InstanceType[];
      readonly description: string;
    };

export interface Property {
  readonly kind: PropertyKind;
  /** Its key in a `.conf`; without one, no definition can set it. */
  readonly confKey?: string;
  /** How the command line sets it; without one, only a definition can. */
  readonly argument?: Argument;
  /** The instance types that turn it on; without them, no type sets it. */
  readonly presets?: readonly InstanceType[];
}

export const properties = {
  instanceType: {
    kind: "instanceType",
    confKey: "instance_type",
    argument: {
      type: "enum",
      options: [...instanceTypes],
      description:
        "Preset of properties. Default: the definition's, else the instance's name if it is a type",
    },
  },
  group: { kind: "name", confKey: "group" },
  autorun: { kind: "flag", confKey: "autorun" },
  hostname: { kind: "text", confKey: "hostname" },
  privileged: { kind: "flag", confKey: "privileged" },
  linked: {
    kind: "flag",
    confKey: "linked",
    argument: { type: "boolean", description: "Create the links of the definition" },
    presets: ["standard", "published", "persistent", "master"],
  },
  publishPorts: {
    kind: "flag",
    confKey: "publish_ports",
    argument: {
      type: "boolean",
      description: "Publish the ports that the Dockerfile's annotations expose",
    },
    presets: ["published", "master"],
  },
  persistentData: {
    kind: "flag",
    confKey: "persistent_data",
    argument: { type: "boolean", description: "Keep /data on the host" },
    presets: ["persistent", "master"],
  },
  persistentOpt: {
    kind: "flag",
    confKey: "persistent_opt",
    argument: { type: "boolean", description: "Keep /opt on the host" },
    presets: [],
  },
  persistentLog: {
    kind: "flag",
    confKey: "persistent_log",
    argument: { type: "boolean", description: "Keep /var/log on the host" },
    presets: ["persistent", "master"],
  },
  persistentHome: {
    kind: "flag",
    confKey: "persistent_home",
    argument: { type: "boolean", description: "Keep /home on the host" },
    presets: ["persistent"],
  },
  persistentShared: {
    kind: "flag",
    confKey: "persistent_shared",
    argument: { type: "boolean", description: "Share one /shared on the host among all instances" },
    presets: [],
  },
  safePersistency: {
    kind: "flag",
    confKey: "safe_persistency",
    argument: {
      type: "boolean",
      description: "Keep persistent folders in Docker volumes instead of folders on the host",
    },
    presets: [],
  },
  nethost: {
    kind: "flag",
    confKey: "nethost",
    argument: { type: "boolean", description: "Use the host's network" },
    presets: [],
  },
  publishSshOn: {
    kind: "port",
    confKey: "publish_ssh_on",
    argument: {
      type: "string",
      valueHint: "PORT",
      description: "Publish the instance's SSH server on this port of the host",
    },
  },
  extraArgs: {
    kind: "options",
    confKey: "extra_args",
    argument: {
      type: "string",
      valueHint: "OPTIONS",
      description: "Options of docker run that have no key of their own",
    },
  },
  interactive: {
    kind: "flag",
    argument: {
      type: "boolean",
      description:
        "Open a shell instead of the image's command; the instance is removed when you exit",
    },
    presets: ["debug"],
  },
  safemode: {
    kind: "flag",
    argument: { type: "boolean", description: "Skip the services' prestartup scripts" },
    presets: ["debug"],
  },
} as const satisfies Record<string, Property>;

export type PropertyTable = typeof properties;

/** The names of the properties that have a column. */
export type NamesWith<Column> = {
  [Name in keyof PropertyTable]: PropertyTable[Name] extends Column ? Name : never;
}[keyof PropertyTable];

/** Properties that the instance type presets, and the definition or the call may override. */
export type PresetName = NamesWith<{ readonly presets: unknown }>;
export type Properties = Readonly<Record<PresetName, boolean>>;
type ArgumentName = NamesWith<{ readonly argument: Argument }>;

const propertyEntries = Object.entries(properties) as [keyof PropertyTable, Property][];

function namesWith(column: keyof Property): (keyof PropertyTable)[] {
  return propertyEntries.flatMap(([name, property]) =>
    property[column] === undefined ? [] : [name],
  );
}

export const presetNames = namesWith("presets") as readonly PresetName[];

/** The arguments of `run` and `rerun` that set properties. */
export const propertyArguments = Object.fromEntries(
  namesWith("argument").map((name) => [name, (properties[name] as Property).argument]),
) as { readonly [Name in ArgumentName]: PropertyTable[Name]["argument"] };
