import type { ObservedVolume } from "../../model/observed-volume.ts";
import { formatAge } from "../output/duration.ts";
import { formatSize } from "../../lib/format-size.ts";
import { formatTable } from "../output/table.ts";

type Sizes = ReadonlyMap<string, number>;

/** A table of volumes; without sizes, it has no column for them. */
export function formatVolumes(volumes: readonly ObservedVolume[], sizes: Sizes): string {
  const columns = [
    { title: "VOLUME", shrinks: true },
    { title: "USED BY", shrinks: true },
    { title: "SIZE" },
    { title: "AGE", droppable: true },
    { title: "NAME ON THE ENGINE", shrinks: true, droppable: true },
  ] as const;
  return formatTable(
    columns,
    volumes.map((volume) => [
      volume.shortName,
      volume.users.map(({ name }) => name).join(", ") || "nothing",
      sizeOf(sizes.get(volume.name)),
      ageOf(volume),
      volume.name,
    ]),
  );
}

function ageOf({ createdAt }: ObservedVolume): string {
  const time = Date.parse(createdAt ?? "");
  return Number.isNaN(time) ? "" : formatAge((Date.now() - time) / 1000);
}

function sizeOf(bytes: number | undefined): string {
  return bytes === undefined ? "" : formatSize(bytes);
}

export function volumeToJson(volume: ObservedVolume, sizes: Sizes): unknown {
  return {
    name: volume.name,
    volume: volume.shortName,
    usedBy: volume.users.map(({ name }) => name),
    size: sizes.get(volume.name) ?? null,
    createdAt: volume.createdAt ?? null,
  };
}
