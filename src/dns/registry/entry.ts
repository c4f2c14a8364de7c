import { isIPv4 } from "node:net";
import { ReynsError } from "../../errors.ts";
import { isDnsLabel } from "../../model/host-names.ts";
import { normalizeName } from "../wire/name.ts";

/**
 * How an instance registers under the name of its service: `REPLACE` makes it the only one, `APPEND` adds it to the
 * others, `HIDE` keeps it out of the zone.
 */
export type UpdatePolicy = "REPLACE" | "APPEND" | "HIDE";

export interface InstanceRegistration {
  /** Such as `local.zone`. */
  readonly zone: string;
  readonly service: string;
  readonly instance: string;
  /** IPv4. */
  readonly address: string;
  readonly policy: UpdatePolicy;
  /** Seconds. */
  readonly ttl: number;
  /** The machine it runs on, for display. */
  readonly node: string;
}

/** The names and zones of a registration; all names are fully qualified. */
export interface RegistryEntry {
  readonly zone: string;
  readonly host: string;
  readonly service: string;
  readonly address: string;
  /** Name of the lease record. */
  readonly lease: string;
  /** Name of the record with the service's generation. */
  readonly generation: string;
  /** The address's name in the reverse zone, and that zone; undefined for a public address. */
  readonly pointer: string;
  readonly reverseZone: string | undefined;
}

const maxTtl = 2 ** 31 - 1;

/** @throws ReynsError INVALID_VALUE for a value that a zone cannot contain */
export function createRegistryEntry({
  zone,
  service,
  instance,
  address,
  ttl,
}: InstanceRegistration): RegistryEntry {
  if (!isIPv4(address))
    throw new ReynsError("INVALID_VALUE", `"${address}" is not an IPv4 address`);
  if (!Number.isInteger(ttl) || ttl < 0 || ttl > maxTtl) {
    throw new ReynsError(
      "INVALID_VALUE",
      `a TTL must be a whole number of seconds from 0 to ${maxTtl}, not ${ttl}`,
    );
  }
  const serviceLabel = hostLabel(service, "service");
  const host = hostLabel(`${serviceLabel}-${hostLabel(instance, "instance")}`, "host");
  const suffix = zoneName(zone);
  return {
    zone: suffix,
    host: normalizeName(`${host}.${suffix}`),
    service: normalizeName(`${serviceLabel}.${suffix}`),
    address,
    lease: normalizeName(`${host}.${leaseLabel}.${suffix}`),
    generation: normalizeName(`${serviceLabel}.${generationLabel}.${suffix}`),
    pointer: `${address.split(".").toReversed().join(".")}.in-addr.arpa`,
    reverseZone: reverseZoneOf(address),
  };
}

/** Labels above the registry's own records. No host name can begin with an underscore. */
export const leaseLabel = "_lease";
const generationLabel = "_generation";

/** RFC 952 and 1123: letters, digits, and hyphens between them. */
function hostLabel(text: string, kind: string): string {
  const label = text.toLowerCase();
  if (isDnsLabel(label)) return label;
  throw new ReynsError("INVALID_VALUE", `invalid name of a ${kind} for the DNS: "${text}"`, {
    hint: "use up to 63 letters, digits and hyphens, without a hyphen at either end",
  });
}

function zoneName(zone: string): string {
  const labels = zone.replace(/\.$/, "").split(".");
  return labels.map((label) => hostLabel(label, "zone")).join(".");
}

/**
 * The reverse zone of a private address (RFC 1918); undefined for others, which are not managed here.
 */
function reverseZoneOf(address: string): string | undefined {
  const [first, second = 0] = address.split(".").map(Number);
  if (first === 10) return "10.in-addr.arpa";
  if (first === 172 && second >= 16 && second <= 31) return `${second}.172.in-addr.arpa`;
  if (first === 192 && second === 168) return "168.192.in-addr.arpa";
  return undefined;
}
