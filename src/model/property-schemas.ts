import * as v from "valibot";
import { instanceTypes } from "./instance-types.ts";
import {
  properties,
  type NamesWith,
  type Properties,
  type Property,
  type PropertyTable,
} from "./properties.ts";
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
} as const satisfies Record<Property["kind"], object>;

/** Properties that a `reyns.ts` and a `.conf` may set. */
type DefinableName = NamesWith<{ readonly confKey: string }>;
type DefinableProperty = Property & { readonly confKey: keyof ConfValues };

const definable = Object.entries<Property>(properties).filter(
  (entry): entry is [DefinableName, DefinableProperty] => entry[1].confKey !== undefined,
);

/** The key in a `.conf` of each property that one may set. */
export const confKeys: Readonly<Record<string, string>> = Object.fromEntries(
  definable.map(([name, { confKey }]) => [name, confKey]),
);

type Schemas<Name extends keyof PropertyTable, Form extends "script" | "conf"> = v.OptionalSchema<
  (typeof kinds)[PropertyTable[Name]["kind"]][Form],
  undefined
>;

/** Schemas of the properties as fields of a `reyns.ts`. */
export const scriptFields = Object.fromEntries(
  definable.map(([name, { kind }]) => [name, v.optional(kinds[kind].script)]),
) as { readonly [Name in DefinableName]: Schemas<Name, "script"> };

/** Schemas of the properties as keys of a `.conf`. */
export const confFields = Object.fromEntries(
  definable.map(([, { confKey, kind }]) => [confKey, v.optional(kinds[kind].conf)]),
) as { readonly [Name in DefinableName as PropertyTable[Name]["confKey"]]: Schemas<Name, "conf"> };

/** The values that a definition gives to the properties. */
export type DefinedValues = {
  readonly [Name in DefinableName]?: v.InferOutput<(typeof scriptFields)[Name]>;
};

type ConfValues = {
  readonly [Key in keyof typeof confFields]?: v.InferOutput<(typeof confFields)[Key]>;
};

/** The values of a `.conf` under the names of the properties; `null` is the same as nothing there. */
export function fromConf(given: ConfValues): DefinedValues {
  const values = definable.flatMap(([name, { confKey }]) => {
    const value = given[confKey] ?? undefined;
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
  const given = definable.flatMap(([name, { presets }]) =>
    presets === undefined ? [] : [[name, values[name]]],
  );
  return Object.fromEntries(
    given.filter(([, value]) => value !== undefined),
  ) as Partial<Properties>;
}
