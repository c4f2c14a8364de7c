import { ReynsError, type ErrorCode, type Place } from "../errors.ts";
import { isDnsLabel } from "./host-names.ts";

/** How a project's dynamic DNS is set up, wherever an instance registers with it. */
export interface DnsSettings {
  readonly zone: string;
  /** Seconds that a resolver may keep a name. */
  readonly ttl: number;
  /** Seconds without a renewal until a name goes; fractions are allowed, here and below. */
  readonly lease: number;
  /** Seconds between renewals. */
  readonly renew: number;
  /** Other nodes have a secondary DNS each. */
  readonly secondaries: boolean;
}

/** The DNS that an instance uses. */
export interface UsedDns extends DnsSettings {
  readonly server: string;
  /** Address of its machine's secondary DNS, which it asks first. */
  readonly resolver?: string | undefined;
}

export const defaultDnsSettings: DnsSettings = {
  zone: "local.zone",
  ttl: 5,
  lease: 13,
  renew: 6,
  secondaries: false,
};

/** The variables by which the programs in the images are told. */
export const dnsVariables = {
  zone: "DNS_ZONE",
  ttl: "DNS_TTL",
  lease: "DNS_LEASE",
  renew: "DNS_RENEW",
  secondaries: "DNS_SECONDARIES",
} as const satisfies Record<keyof DnsSettings, string>;

/** The variable by which a secondary DNS is told the address of the first one. */
export const primaryVariable = "DNS_PRIMARY";

/** Whether an instance copies the zone of another machine's DNS, if it is a DNS. */
export function definesSecondary({
  env,
}: {
  readonly env: Readonly<Record<string, unknown>>;
}): boolean {
  return env[primaryVariable] !== undefined;
}

interface RunningDns {
  readonly isDns: boolean;
  readonly registered: Pick<UsedDns, "resolver"> | undefined;
}

/** The same of one that runs, or is disconnected: only a secondary DNS is recorded with a resolver, which it is itself. */
export function isSecondaryDns({ isDns, registered }: RunningDns): boolean {
  return isDns && registered?.resolver !== undefined;
}

/** The variable by which an instance is told the address of its machine's secondary DNS. */
export const resolverVariable = "DNS_RESOLVER";

const names = Object.keys(dnsVariables) as (keyof DnsSettings)[];

export type DnsVariables = Readonly<Record<string, string | undefined>>;

const accepted: Record<keyof DnsSettings, string> = {
  zone: 'a domain name, for example "shop.internal": letters, digits and inner hyphens between dots',
  ttl: "a whole number of seconds from 0 to 86400",
  lease: "seconds from 0.1 to 86400",
  renew: "seconds from 0.05 to 86400",
  secondaries: "True or False",
};

const isValid: Record<keyof DnsSettings, (text: string) => boolean> = {
  zone: isZone,
  ttl: (text) => /^\d{1,5}$/.test(text) && Number(text) <= 86_400,
  lease: (text) => isSeconds(text, 0.1),
  renew: (text) => isSeconds(text, 0.05),
  secondaries: (text) => /^(?:true|false)$/i.test(text),
};

/** A host's name, `_generation` and the zone together have to fit into the 255 bytes of a name. */
const longestZone = 170;

function isZone(text: string): boolean {
  const labels = text.split(".");
  // "arpa" is where addresses have their names.
  return text.length <= longestZone && labels.every(isDnsLabel) && labels.at(-1) !== "arpa";
}

function isSeconds(text: string, least: number): boolean {
  const seconds = Number(text);
  return /^\d+(\.\d+)?$/.test(text) && seconds >= least && seconds <= 86_400;
}

/** The settings that the variables give, those that make sense; without what they do not give. */
export function readDnsSettings(values: DnsVariables): Partial<DnsSettings> {
  const given = names.flatMap((name) => {
    const text = values[dnsVariables[name]];
    if (text === undefined || !isValid[name](text)) return [];
    return [[name, parseSetting(name, text)] as const];
  });
  return Object.fromEntries(given);
}

function parseSetting(name: keyof DnsSettings, text: string): string | number | boolean {
  if (name === "zone") return text;
  return name === "secondaries" ? text.toLowerCase() === "true" : Number(text);
}

/** The variables for the settings that are not the default. */
export function dnsVariablesOf(settings: DnsSettings): Record<string, string> {
  const others = names.filter((name) => settings[name] !== defaultDnsSettings[name]);
  return Object.fromEntries(others.map((name) => [dnsVariables[name], String(settings[name])]));
}

export interface Report {
  readonly code: ErrorCode;
  /** Whose they are: "reyns-dns-main". */
  readonly who: string;
  readonly at?: Place | undefined;
}

/** All that is wrong with the settings among these variables. */
export function dnsSettingsErrors(values: DnsVariables, { code, who, at }: Report): ReynsError[] {
  const wrong = names.filter((name) => {
    const text = values[dnsVariables[name]];
    return text !== undefined && !isValid[name](text);
  });
  if (wrong.length > 0)
    return wrong.map((name) => {
      const message = `${who}: ${dnsVariables[name]} is "${values[dnsVariables[name]]}"`;
      return new ReynsError(code, message, { hint: `accepted: ${accepted[name]}`, at });
    });
  const { lease, renew } = { ...defaultDnsSettings, ...readDnsSettings(values) };
  const given =
    values[dnsVariables.lease] !== undefined || values[dnsVariables.renew] !== undefined;
  if (!given || lease >= 2 * renew) return [];
  const message = `${who}: a lease of ${lease} s, renewed every ${renew} s, would end between two renewals`;
  const hint = `give DNS_LEASE at least twice DNS_RENEW, for example ${renew * 2.6}`;
  return [new ReynsError(code, message, { hint, at })];
}
