import type { ObservedVolume } from "../../model/observed-volume.ts";
import { formatAge } from "../output/duration.ts";
import { formatSize } from "../../lib/format-size.ts";
import { formatTable } from "../output/table.ts";

/** A table of volumes; without sizes, or with one Engine, it has no column for them. */
export function formatVolumes(volumes: readonly ObservedVolume[]): string {
  const columns = [
    { title: "VOLUME", shrinks: true },
    { title: "NODE" },
    { title: "USED BY", shrinks: true },
    { title: "SIZE" },
    { title: "AGE", droppable: true },
    { title: "NAME ON THE ENGINE", shrinks: true, droppable: true },
  ] as const;
  return formatTable(
    columns,
    volumes.map((volume) => [
      volume.shortName,
      volume.node ?? "",
      volume.users.map(({ name }) => name).join(", ") || "nothing",
      volume.size === undefined ? "" : formatSize(volume.size),
      ageOf(volume),
      volume.name,
    ]),
  );
}

function ageOf({ createdAt }: ObservedVolume): string {
  const time = Date.parse(createdAt ?? "");
  return Number.isNaN(time) ? "" : formatAge((Date.now() - time) / 1000);
}

export function volumeToJson(volume: ObservedVolume): unknown {
  return {
    name: volume.name,
    volume: volume.shortName,
    ...(volume.node !== undefined && { node: volume.node }),
    usedBy: volume.users.map(({ name }) => name),
    size: volume.size ?? null,
    createdAt: volume.createdAt ?? null,
  };
}
