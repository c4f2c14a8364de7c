import type { Engine } from "../../docker/client/engine.ts";
import { listVolumes } from "../../docker/volumes.ts";
import { isRecord } from "../../lib/is-record.ts";
import { labels, originFilter, parseLabel } from "../../model/labels.ts";
import { lockNameOf } from "../../model/resource-names.ts";
import { parseHolder, type LockHolder } from "./holder.ts";

/** One volume of a lock. */
interface LockLink {
  readonly token: string;
  readonly holder: LockHolder | undefined;
}

/** A lock on an Engine: a volume, and those that have taken it over one after the other. */
export interface LockChain {
  readonly names: readonly string[];
  /** The last one, whose call holds the lock. */
  readonly end: LockLink;
  /** Changes whenever the holder does, and with each renewal. */
  readonly state: string;
}

/** The name of the volume that takes a lock over from a token's holder. */
export function successorOf(first: string, token: string): string {
  return `${first}-${token}`;
}

/** Reads a volume's label; undefined for a volume that is no part of a lock. */
export function parseLink(values: Readonly<Record<string, string>>): LockLink | undefined {
  const record = parseLabel<unknown>(values[labels.lock]);
  const token = isRecord(record) ? record["token"] : undefined;
  if (typeof token !== "string" || !/^[0-9a-f]{16}$/.test(token)) return undefined;
  return { token, holder: parseHolder(record) };
}

/** Reads the lock of an origin's projects; undefined when nobody holds it. */
export async function readChain(engine: Engine, origin: string): Promise<LockChain | undefined> {
  const volumes = await listVolumes(engine, [originFilter(origin), `${labels.role}=lock`]);
  const texts = volumes.map(({ labels: values }) => values[labels.lock] ?? "");
  const links = new Map(volumes.map((volume) => [volume.name, parseLink(volume.labels)]));
  const first = lockNameOf(origin);
  const names: string[] = [];
  let end: LockLink | undefined;
  let name = first;
  for (;;) {
    const link = links.get(name);
    // Tokens are random: only made up ones lead back.
    if (!link || names.includes(name)) break;
    names.push(name);
    end = link;
    name = successorOf(first, link.token);
  }
  return end && { names, end, state: texts.toSorted().join("\n") };
}
