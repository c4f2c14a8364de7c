import { instanceTypes, type InstanceType } from "../../model/instance-types.ts";
import { presetNames, properties, type Properties } from "../../model/properties.ts";

/** The call's type, else the definition's, else the instance's name if it is a type, else standard. */
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
  return { ...presetsOf(type), ...defined, ...called };
}

function presetsOf(type: InstanceType): Properties {
  const presets = presetNames.map((name) => {
    const types: readonly InstanceType[] = properties[name].presets;
    return [name, types.includes(type)];
  });
  return Object.fromEntries(presets) as Properties;
}
