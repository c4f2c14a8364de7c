import type { SwarmSettings } from "./swarm-service.ts";
import { compareStrings } from "../lib/compare-strings.ts";
import { isRecord } from "../lib/is-record.ts";
import { withoutUndefined } from "../lib/without-undefined.ts";
import type { Healthcheck, NetworkAttachment, ResolverSettings, Ulimit } from "./container-spec.ts";
import type { ContainerFields, FieldChange, FieldValue } from "./fields.ts";

/** A value as the text or list of texts by which two containers are compared: `{ soft: 1, hard: 2 }` is "soft=1 hard=2". */
export function fieldText(value: unknown): FieldValue {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value))
    return value.map((item: unknown) => (isRecord(item) ? pairsOf(item).join(" ") : String(item)));
  if (isRecord(value)) return pairsOf(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

function pairsOf(record: Record<string, unknown>): string[] {
  return Object.entries(record)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${isNested(value) ? JSON.stringify(value) : String(value)}`);
}

function isNested(value: unknown): boolean {
  return isRecord(value) || (Array.isArray(value) && value.some(isRecord));
}

/** A device with the parts that may be left out: "/dev/fuse" is "/dev/fuse:/dev/fuse:rwm". */
export function deviceText(device: string): string {
  const [host = "", container = host, permissions = "rwm"] = device.split(":");
  return [host, container, permissions].join(":");
}

/** Bytes as they are written in a definition: "100m". */
export function sizeText(bytes: number): string {
  const units = ["", "k", "m", "g"];
  const power = units.findLastIndex((_, index) => bytes > 0 && bytes % 1024 ** index === 0);
  return power < 1 ? String(bytes) : `${bytes / 1024 ** power}${units[power]}`;
}

/** "nofile=1024:2048" */
export function ulimitText({ name, soft, hard }: Ulimit): string {
  return `${name}=${soft}:${hard}`;
}

/** A health check as fields of their own, without those that have no value. */
export function healthcheckFields(check: Partial<Healthcheck>): ContainerFields {
  const periods = ["interval", "timeout", "startPeriod", "startInterval"] as const;
  return withoutUndefined({
    healthcheck: check.test?.join(" ") || undefined,
    ...Object.fromEntries(
      periods.map((name) => [`healthcheck.${name}`, check[name] ? `${check[name]}s` : undefined]),
    ),
    "healthcheck.retries": check.retries ? String(check.retries) : undefined,
  });
}

/** Labels as fields of their own, without those of Reyns. */
export function labelFields(values: Readonly<Record<string, string>>): ContainerFields {
  const own = Object.entries(values).filter(([name]) => !name.startsWith("io.reyns."));
  return Object.fromEntries(own.map(([name, value]) => [`labels.${name}`, value]));
}

/**
 * The parts of a field that are fields of their own. The Engine adds those of the image to an existing container, so one
 * that the definition does not have counts only when nothing else differs.
 */
export function compareParts(
  field: string,
  before: ContainerFields,
  after: ContainerFields,
): FieldChange[] {
  const names = [...new Set([before, after].flatMap((fields) => Object.keys(fields)))].filter(
    (name) => name === field || name.startsWith(`${field}.`),
  );
  const changes = names
    .filter((name) => before[name] !== after[name])
    .flatMap((name) => compareFields(name, before[name], after[name]));
  const stated = changes.filter((change) => change.after !== null);
  return stated.length > 0 ? stated : changes;
}

/** The resolver's settings as items of one list: the servers, then the rest in the words of resolv.conf(5). */
export function resolverLines(resolver: ResolverSettings | undefined): string[] {
  if (!resolver) return [];
  return [
    ...resolver.servers,
    ...resolver.search.map((domain) => `search ${domain}`),
    ...resolver.options.map((option) => `options ${option}`),
  ];
}

/** A network that a container is in, with its names there: "proxy: web, web-one". */
export function networkText({ name, address, ipv6, aliases }: NetworkAttachment): string {
  const addresses = [address, ipv6].filter((fixed) => fixed !== undefined);
  return `${[name, ...addresses].join(" ")}: ${aliases.toSorted(compareStrings).join(", ")}`;
}

/** Of a list only the items that come or go. */
export function compareFields(field: string, before: FieldValue, after: FieldValue): FieldChange[] {
  if (typeof before !== "object" && typeof after !== "object")
    return [{ field, before: before ?? null, after: after ?? null }];
  const [old, now] = [toList(before), toList(after)];
  const gone = old.filter((item) => !now.includes(item));
  const added = now.filter((item) => !old.includes(item));
  return Array.from({ length: Math.max(gone.length, added.length) }, (_, index) => ({
    field,
    before: gone[index] ?? null,
    after: added[index] ?? null,
  }));
}

function toList(value: FieldValue): readonly string[] {
  return typeof value === "string" ? [value] : (value ?? []);
}

interface ServiceFacts extends Omit<SwarmSettings, "order" | "onFailure"> {
  readonly order: string;
  readonly onFailure: string;
}

/** "replicas 3, start-first, 1 at a time, 5s apart, monitor 5s, rollback, on node.role!=manager, 1 a node" */
export function serviceText({ replicas, order, placement, ...update }: ServiceFacts): string {
  const { constraints, spread, maxPerNode } = placement;
  const places = [...constraints, ...spread.map((by) => `spread ${by}`)];
  return [
    ...[`replicas ${replicas}`, order, `${update.parallelism} at a time`],
    ...(update.delay === 0 ? [] : [`${update.delay}s apart`]),
    ...[`monitor ${update.monitor}s`, update.onFailure],
    ...(places.length === 0 ? [] : [`on ${places.join(", ")}`]),
    ...(maxPerNode === undefined ? [] : [`${maxPerNode} a node`]),
  ].join(", ");
}
