import type { CopyRecord } from "../../model/copy-record.ts";
import { isRunning, type ObservedInstance } from "../../model/observed.ts";
import { formatAge, formatRemaining } from "../output/duration.ts";
import { formatTable } from "../output/table.ts";
import { formatPorts } from "./instances.ts";

/** A copy of the project, with what runs of it. */
export interface CopyView {
  readonly name: string;
  readonly instances: readonly ObservedInstance[];
  /** Undefined where its folder has none. */
  readonly record: CopyRecord | undefined;
}

/** A line for each copy. @param now milliseconds since 1970 */
export function formatCopies(copies: readonly CopyView[], now: number): string {
  const columns = [
    { title: "COPY" },
    { title: "INSTANCES" },
    { title: "PORTS", shrinks: true },
    { title: "AGE", droppable: true },
    { title: "EXPIRES", droppable: true },
  ] as const;
  return formatTable(
    columns,
    copies.map(({ name, instances, record }) => [
      name,
      countsOf(instances),
      portsOf(instances),
      record ? formatAge((now - new Date(record.createdAt).getTime()) / 1000) : "",
      expiryOf(record, now),
    ]),
  );
}

function expiryOf(record: CopyRecord | undefined, now: number): string {
  if (record?.expiresAt === undefined) return "";
  const seconds = (new Date(record.expiresAt).getTime() - now) / 1000;
  return seconds > 0 ? `in ${formatRemaining(seconds)}` : "now";
}

function countsOf(instances: readonly ObservedInstance[]): string {
  const running = instances.filter(isRunning).length;
  const stopped = instances.length - running;
  const counts = [running > 0 && `${running} running`, stopped > 0 && `${stopped} stopped`];
  return counts.filter(Boolean).join(", ") || "none";
}

/** "web-one 32768->80/tcp" */
function portsOf(instances: readonly ObservedInstance[]): string {
  return instances
    .map((instance) => ({ host: instance.host, ports: formatPorts(instance) }))
    .filter(({ ports }) => ports !== "")
    .map(({ host, ports }) => `${host} ${ports}`)
    .join(", ");
}

export function copyToJson({ name, instances, record }: CopyView): object {
  const running = instances.filter(isRunning).length;
  return {
    name,
    running,
    stopped: instances.length - running,
    ports: instances.flatMap(({ host: instance, ports }) =>
      ports
        .filter(({ host }) => host !== undefined)
        .map(({ container, host, protocol, ip }) => ({ instance, container, host, protocol, ip })),
    ),
    createdAt: record?.createdAt ?? null,
    expiresAt: record?.expiresAt ?? null,
    from: record?.from ?? null,
  };
}
