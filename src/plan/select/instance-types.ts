import { instanceTypes, type InstanceType, type Properties } from "../../model/project.ts";

const standard: Properties = {
  linked: true,
  publishPorts: false,
  persistentData: false,
  persistentOpt: false,
  persistentLog: false,
  persistentHome: false,
  persistentShared: false,
  safePersistency: false,
  nethost: false,
  interactive: false,
  safemode: false,
};

const presets: Readonly<Record<InstanceType, Properties>> = {
  standard,
  published: { ...standard, publishPorts: true },
  persistent: { ...standard, persistentData: true, persistentLog: true, persistentHome: true },
  master: { ...standard, publishPorts: true, persistentData: true, persistentLog: true },
  debug: { ...standard, linked: false, interactive: true, safemode: true },
};

/** The call's type, else the definition's, else the instance's name if it is one of the five, else standard. */
export function instanceTypeOf(
  called: InstanceType | undefined,
  defined: InstanceType | undefined,
  instance: string,
): InstanceType {
  return called ?? defined ?? instanceTypes.find((type) => type === instance) ?? "standard";
}

/** Each property is the call's, else the definition's, else the type's. */
export function propertiesOf(
  type: InstanceType,
  defined: Partial<Properties>,
  called: Partial<Properties>,
): Properties {
  return { ...presets[type], ...defined, ...called };
}
