import { isIPv4 } from "node:net";
import { splitOnce } from "../../lib/split-once.ts";
import { isDnsLabel } from "../../model/host-names.ts";
import { leaseLabel } from "./entry.ts";
import type { ResourceRecord } from "../wire/message.ts";
import type { RecordData } from "../wire/record.ts";

/** The lease of an instance: it proves that the instance is alive, and all its records derive from it. */
export interface Lease {
  /** 16 hexadecimal digits, new for each registration. */
  readonly id: string;
  /** Number of renewals. */
  readonly seq: number;
  readonly service: string;
  readonly instance: string;
  /** IPv4. */
  readonly address: string;
  readonly policy: "REPLACE" | "APPEND";
  /** The generation of the service at registration. */
  readonly generation: number;
  /** For display, like `since`. */
  readonly node: string;
  /** Seconds since 1970, by the clock of the machine that registered it. */
  readonly since: number;
}

/** Encodes a lease as a record; docs/dns.md describes the format. */
export function encodeLease(lease: Lease): RecordData {
  const { id, seq, service, instance, address, policy, generation, since } = lease;
  // A string of a TXT record holds at most 255 bytes, and only ASCII is safe.
  const node = lease.node.replace(/[^!-~]/g, "?").slice(0, 63);
  const fields = { v: 1, id, seq, service, instance, address, policy, generation, node, since };
  const strings = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return { type: "TXT", strings };
}

/** Parses a lease; undefined for any other record. */
function parseLease(data: RecordData): Lease | undefined {
  if (data.type !== "TXT") return undefined;
  const fields = new Map(data.strings.map((text) => splitOnce(text, "=")));
  const text = (name: string): string => fields.get(name) ?? "";
  const number = (name: string): number | undefined => wholeNumber(text(name));
  const [seq, generation] = [number("seq"), number("generation")];
  const [id, service, instance] = [text("id"), text("service"), text("instance")];
  const [address, policy] = [text("address"), text("policy")];
  if (text("v") !== "1" || !/^[0-9a-f]{16}$/.test(id)) return undefined;
  if (seq === undefined || generation === undefined || !isIPv4(address)) return undefined;
  if (!isDnsLabel(service) || !isDnsLabel(instance)) return undefined;
  if (policy !== "REPLACE" && policy !== "APPEND") return undefined;
  const [node, since] = [text("node"), number("since") ?? 0];
  return { id, seq, service, instance, address, policy, generation, node, since };
}

/** Finds the leases in a zone: those stored under the name of their service and instance. */
export function findLeases(records: readonly ResourceRecord[], zone: string): Lease[] {
  return records.flatMap(({ name, data }) => {
    const lease = name.endsWith(`.${leaseLabel}.${zone}`) ? parseLease(data) : undefined;
    const expected = lease && `${lease.service}-${lease.instance}.${leaseLabel}.${zone}`;
    return lease && expected === name ? [lease] : [];
  });
}

export function encodeGeneration(generation: number): RecordData {
  return { type: "TXT", strings: [String(generation)] };
}

/** The generation of a service; 0 if there is no valid one. One more than a number of 15 digits would not be valid. */
export function parseGeneration(records: readonly RecordData[]): number {
  const numbers = records.map((data) => (data.type === "TXT" ? data.strings.join("") : ""));
  return Math.max(0, ...numbers.filter((text) => /^\d{1,14}$/.test(text)).map(Number));
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
