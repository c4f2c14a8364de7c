import type { InstanceUsage } from "../../runtime/observe/usage.ts";
import { formatSize } from "../../lib/format-size.ts";
import { formatTable } from "../output/table.ts";

const columns = [
  { title: "INSTANCE", shrinks: "last" },
  { title: "NODE" },
  { title: "CPU" },
  { title: "MEMORY" },
  { title: "LIMIT", droppable: true },
  { title: "NET IN", droppable: true },
  { title: "NET OUT", droppable: true },
  { title: "DISK READ", droppable: true },
  { title: "DISK WRITE", droppable: true },
  { title: "PIDS", droppable: true },
] as const;

/** A table of what instances use; CPU in percent of one core. */
export function formatUsage(usages: readonly InstanceUsage[]): string {
  return formatTable(
    columns,
    usages.map((usage) => [
      usage.instance.host,
      usage.instance.node ?? "",
      `${(usage.cpus * 100).toFixed(1)} %`,
      formatSize(usage.memory),
      formatSize(usage.memoryLimit),
      formatSize(usage.received),
      formatSize(usage.sent),
      formatSize(usage.read),
      formatSize(usage.written),
      String(usage.processes),
    ]),
  );
}

/** Bytes, and processors: 1 is one whole core. */
export function usageToJson({ instance, cpus, readAt, ...usage }: InstanceUsage): object {
  return {
    time: new Date(readAt).toISOString(),
    service: instance.service,
    instance: instance.instance,
    ...(instance.node === undefined ? {} : { node: instance.node }),
    cpus: Number(cpus.toFixed(4)),
    memory: usage.memory,
    memoryLimit: usage.memoryLimit,
    received: usage.received,
    sent: usage.sent,
    read: usage.read,
    written: usage.written,
    processes: usage.processes,
  };
}
