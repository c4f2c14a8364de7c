import { compareFields, fieldText } from "../model/field-text.ts";
import type { FieldValue } from "../model/fields.ts";
import { parseLabel } from "../model/labels.ts";
import type { AddressPool, NetworkSettings, ObservedNetwork } from "../model/networks.ts";
import type { FieldChange } from "../model/fields.ts";
import { digestPart } from "./describe/config-hash.ts";

type SettingName = Exclude<keyof NetworkSettings, "ipam"> | "ipam" | "ipam.config" | "ipam.options";

/** The settings of a network, as text: to be compared with those of the network that is there. */
function settingTexts(settings: NetworkSettings): Record<SettingName, FieldValue> {
  const {
    driver = "bridge",
    driverOpts,
    internal,
    attachable,
    enableIpv6,
    ipam,
    labels,
  } = settings;
  const flag = (value: boolean | undefined): FieldValue => (value ? "true" : undefined);
  return {
    driver,
    driverOpts: fieldText(driverOpts ?? {}),
    internal: flag(internal),
    attachable: flag(attachable),
    enableIpv6: flag(enableIpv6),
    ipam: ipam?.driver ?? "default",
    "ipam.config": (ipam?.config ?? []).map(poolText),
    "ipam.options": fieldText(ipam?.options ?? {}),
    labels: fieldText(withoutOurs(labels ?? {})),
  };
}

/** "10.9.0.0/24 gateway 10.9.0.1" */
function poolText({ subnet = "", gateway, ipRange, auxAddresses = {} }: AddressPool): string {
  const aux = Object.entries(auxAddresses).map(([name, address]) => `${name}=${address}`);
  const parts = [
    subnet,
    gateway && `gateway ${gateway}`,
    ipRange && `range ${ipRange}`,
    ...(aux.length > 0 ? [`without ${aux.join(", ")}`] : []),
  ];
  return parts.filter(Boolean).join(" ");
}

function withoutOurs(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).filter(([name]) => !name.startsWith("io.reyns.")),
  );
}

/** A digest of each setting that a network is defined with, for its label. */
export function networkDigests(settings: NetworkSettings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settingTexts(settings)).map(([name, text]) => [name, digestPart(text)]),
  );
}

/** What the project's own network is made by where nothing is declared for it. */
export const plainDefinition = JSON.stringify(networkDigests({}));

/** The settings by which a network differs from its definition; none where nothing says what it was defined by. */
export function networkChanges(
  definition: NetworkSettings,
  { definition: recorded, settings }: ObservedNetwork,
): FieldChange[] {
  const before = parseLabel<Record<string, string>>(recorded);
  if (!before) return [];
  const [old, now] = [settingTexts(settings), settingTexts(definition)];
  const changed = Object.entries(networkDigests(definition)).filter(
    ([name, digest]) => before[name] !== digest,
  );
  return changed.flatMap(([name]) =>
    compareFields(name, old[name as SettingName], now[name as SettingName]),
  );
}
