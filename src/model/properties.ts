// One declaration for each property of an instance that a reyns.ts, a .conf, the command line and the instance type can
// set. The types, the schemas, the keys and arguments of `run`, and the presets follow from it.
import * as v from "valibot";
import { instanceTypes, type InstanceType } from "./instance-types.ts";
import { confBoolean, confPort, namePattern, nonEmptyString, portNumber } from "./value-schemas.ts";

/** How a value of each kind is checked in a `reyns.ts` and, with the spellings of the older tools, in a `.conf`. */
const kinds = {
  flag: { script: v.boolean(), conf: confBoolean },
  instanceType: { script: v.picklist(instanceTypes), conf: v.picklist(instanceTypes) },
  name: {
    script: v.pipe(v.string(), v.regex(namePattern, "letters, digits, - and _")),
    conf: v.nullable(nonEmptyString),
  },
  text: { script: nonEmptyString, conf: v.nullable(nonEmptyString) },
  options: { script: v.string(), conf: v.nullable(v.string()) },
  port: { script: portNumber, conf: v.nullable(confPort) },
} as const;

/** An argument of `run` and `rerun`, as citty defines one. */
type Argument =
  | { readonly type: "boolean"; readonly description: string }
  | { readonly type: "string"; readonly valueHint: string; readonly description: string }
  | {
      readonly type: "enum";
      readonly options: InstanceType[];
      readonly description: string;
    };

interface Property {
  readonly kind: keyof typeof kinds;
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

type Table = typeof properties;
type NamesWith<Column> = {
  [Name in keyof Table]: Table[Name] extends Column ? Name : never;
}[keyof Table];

/** Properties that the instance type presets, and the definition or the call may override. */
export type PresetName = NamesWith<{ readonly presets: unknown }>;
export type Properties = Readonly<Record<PresetName, boolean>>;
/** Properties that a `reyns.ts` and a `.conf` may set. */
type DefinableName = NamesWith<{ readonly confKey: string }>;
type ArgumentName = NamesWith<{ readonly argument: Argument }>;

const entries = Object.entries(properties) as [keyof Table, Property][];
const namesWith = (column: keyof Property): (keyof Table)[] =>
  entries.flatMap(([name, property]) => (property[column] === undefined ? [] : [name]));

export const presetNames = namesWith("presets") as readonly PresetName[];

/** The presets that a definition may set; the others belong to the call and the type alone. */
export const definablePresets = presetNames.filter((name) => "confKey" in properties[name]);

/** The arguments of `run` and `rerun` that set properties. */
export const propertyArguments = Object.fromEntries(
  namesWith("argument").map((name) => [name, (properties[name] as Property).argument]),
) as { readonly [Name in ArgumentName]: Table[Name]["argument"] };

type Schemas<Name extends keyof Table, Form extends "script" | "conf"> = v.OptionalSchema<
  (typeof kinds)[Table[Name]["kind"]][Form],
  undefined
>;

/** Schemas of the properties as fields of a `reyns.ts`. */
export const scriptFields = Object.fromEntries(
  namesWith("confKey").map((name) => [name, v.optional(kinds[properties[name].kind].script)]),
) as { readonly [Name in DefinableName]: Schemas<Name, "script"> };

/** Schemas of the properties as keys of a `.conf`. */
export const confFields = Object.fromEntries(
  entries.flatMap(([, { confKey, kind }]) =>
    confKey === undefined ? [] : [[confKey, v.optional(kinds[kind].conf)]],
  ),
) as { readonly [Name in DefinableName as Table[Name]["confKey"]]: Schemas<Name, "conf"> };

/** The values that a definition gives to the properties. */
export type DefinedValues = {
  readonly [Name in DefinableName]?: v.InferOutput<(typeof scriptFields)[Name]>;
};

type ConfValues = {
  readonly [Key in keyof typeof confFields]?: v.InferOutput<(typeof confFields)[Key]>;
};

/** The values of a `.conf` under the names of the properties; `null` is the same as nothing there. */
export function fromConf(given: ConfValues): DefinedValues {
  const values = entries.flatMap(([name, { confKey }]) => {
    const value = given[confKey as keyof ConfValues] ?? undefined;
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(values) as DefinedValues;
}

/** The values of a definition that are fields of an instance of their own, not presets. */
export function fieldsIn({
  instanceType,
  group,
  autorun = true,
  hostname,
  privileged,
  publishSshOn,
  extraArgs,
}: DefinedValues) {
  return { instanceType, group, autorun, hostname, privileged, publishSshOn, extraArgs };
}

/** The presets among the values of a definition. */
export function presetsIn(values: DefinedValues): Partial<Properties> {
  const given = definablePresets.map((name) => [name, values[name as keyof DefinedValues]]);
  return Object.fromEntries(
    given.filter(([, value]) => value !== undefined),
  ) as Partial<Properties>;
}
