import { readAnswer, requireNumber, requireObject } from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { requestUnless } from "../client/request.ts";

/** One reading of what a container uses. Counters count from its start. */
export interface ContainerUsage {
  /** Milliseconds since 1970. */
  readonly readAt: number;
  /** Seconds of processor time. */
  readonly cpuSeconds: number;
  /** Bytes, without the page cache. */
  readonly memory: number;
  /** Bytes; the host's memory where there is no limit. */
  readonly memoryLimit: number;
  /** Bytes over all networks. */
  readonly received: number;
  readonly sent: number;
  /** Bytes. */
  readonly read: number;
  readonly written: number;
  readonly processes: number;
}

interface Stats {
  readonly read: string;
  readonly cpu_stats: { readonly cpu_usage: { readonly total_usage: number } };
  readonly memory_stats: {
    readonly usage?: number;
    readonly limit?: number;
    readonly stats?: Readonly<Record<string, number>>;
  };
  readonly networks?: Readonly<
    Record<string, { readonly rx_bytes: number; readonly tx_bytes: number }>
  >;
  readonly blkio_stats?: {
    readonly io_service_bytes_recursive?:
      | readonly { readonly op: string; readonly value: number }[]
      | null;
  };
  readonly pids_stats?: { readonly current?: number };
}

/**
 * Reads what a container uses, once and without waiting for a second reading.
 *
 * @returns undefined when it is gone or not running
 * @see https://docs.docker.com/reference/api/engine/ (get container stats)
 */
export async function readUsage(engine: Engine, id: string): Promise<ContainerUsage | undefined> {
  const path = `/containers/${id}/stats?stream=false&one-shot=true`;
  const stats = await requestUnless<Stats>([404, 409], engine, { method: "GET", path });
  const usage = stats && readAnswer(engine, stats, usageOf);
  // A container that does not run is answered with zeros.
  return usage && usage.readAt > 0 ? usage : undefined;
}

function usageOf(stats: Stats): ContainerUsage {
  const { cpu_stats: cpu, memory_stats: memory, networks = {}, blkio_stats: blkio } = stats;
  const interfaces = Object.values(networks);
  const transfers = blkio?.io_service_bytes_recursive ?? [];
  return {
    readAt: Math.max(0, Date.parse(stats.read)),
    cpuSeconds: requireNumber(requireObject(cpu.cpu_usage).total_usage) / 1e9,
    memory: requireNumber(memory.usage ?? 0) - pageCache(memory.stats ?? {}),
    memoryLimit: requireNumber(memory.limit ?? 0),
    received: sum(interfaces.map(({ rx_bytes }) => rx_bytes)),
    sent: sum(interfaces.map(({ tx_bytes }) => tx_bytes)),
    read: sumOf(transfers, "read"),
    written: sumOf(transfers, "write"),
    processes: requireNumber(stats.pids_stats?.current ?? 0),
  };
}

/** What the kernel could give back: cgroup v2 and v1 name it differently. `docker stats` subtracts the same. */
function pageCache(stats: Readonly<Record<string, number>>): number {
  return requireNumber(stats["inactive_file"] ?? stats["total_inactive_file"] ?? 0);
}

function sumOf(
  transfers: readonly { readonly op: string; readonly value: number }[],
  name: string,
): number {
  return sum(transfers.filter(({ op }) => op.toLowerCase() === name).map(({ value }) => value));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + requireNumber(value), 0);
}
