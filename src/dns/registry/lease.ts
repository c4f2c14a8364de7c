import { isIPv4 } from "node:net";
import { splitOnce } from "../../lib/split-once.ts";
import { leaseLabel } from "./entry.ts";
import type { ResourceRecord } from "../wire/message.ts";
import type { RecordData } from "../wire/record.ts";

/** Who says that an instance lives, and how it wants to be known: the text from which all its records follow. */
export interface Lease {
  /** 16 hexadecimal digits, new for each registration. */
  readonly id: string;
  /** Counts its renewals. */
  readonly seq: number;
  readonly service: string;
  readonly instance: string;
  /** IPv4. */
  readonly address: string;
  readonly policy: "REPLACE" | "APPEND";
  /** That of the service when it registered. */
  readonly generation: number;
  /** For people, as is the next. */
  readonly node: string;
  /** Seconds since 1970, by the clock of who registered it. */
  readonly since: number;
}

/** A lease as it stands in the zone: docs/dns.md has the form. */
export function leaseData(lease: Lease): RecordData {
  const { id, seq, service, instance, address, policy, generation, since } = lease;
  // A string of a TXT record holds 255 bytes, and not every character.
  const node = lease.node.replace(/[^!-~]/g, "?").slice(0, 63);
  const fields = { v: 1, id, seq, service, instance, address, policy, generation, node, since };
  const strings = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return { type: "TXT", strings };
}

/** The lease that a TXT record holds; undefined for any other text, whoever wrote it. */
function readLease(data: RecordData): Lease | undefined {
  if (data.type !== "TXT") return undefined;
  const fields = new Map(data.strings.map((text) => splitOnce(text, "=")));
  const text = (name: string): string => fields.get(name) ?? "";
  const number = (name: string): number | undefined => wholeNumber(text(name));
  const [seq, generation] = [number("seq"), number("generation")];
  const [id, service, instance] = [text("id"), text("service"), text("instance")];
  const [address, policy] = [text("address"), text("policy")];
  if (text("v") !== "1" || !/^[0-9a-f]{16}$/.test(id)) return undefined;
  if (seq === undefined || generation === undefined || !isIPv4(address)) return undefined;
  if (!isLabel(service) || !isLabel(instance)) return undefined;
  if (policy !== "REPLACE" && policy !== "APPEND") return undefined;
  const [node, since] = [text("node"), number("since") ?? 0];
  return { id, seq, service, instance, address, policy, generation, node, since };
}

/** The leases among a zone's records: those that stand where one of their service and instance has to. */
export function leasesOf(records: readonly ResourceRecord[], zone: string): Lease[] {
  return records.flatMap(({ name, data }) => {
    const lease = name.endsWith(`.${leaseLabel}.${zone}`) ? readLease(data) : undefined;
    const own = lease && `${lease.service}-${lease.instance}.${leaseLabel}.${zone}`;
    return lease && own === name ? [lease] : [];
  });
}

export function generationData(generation: number): RecordData {
  return { type: "TXT", strings: [String(generation)] };
}

/** A service's generation: 0 where none stands, or no number. */
export function readGeneration(records: readonly RecordData[]): number {
  const numbers = records.map((data) =>
    data.type === "TXT" ? (wholeNumber(data.strings.join("")) ?? 0) : 0,
  );
  return Math.max(0, ...numbers);
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function isLabel(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}
