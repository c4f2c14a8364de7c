/** How a field is written, kept and sent to the Engine. */
interface ValuesByKind {
  readonly text: string;
  readonly texts: readonly string[];
  /** Name -> value. */
  readonly pairs: Readonly<Record<string, string>>;
  readonly flag: boolean;
  /** A whole number, negative ones included. */
  readonly integer: number;
  /** Processors, also parts of one; the Engine counts billionths. */
  readonly cpus: number;
  /** Bytes. */
  readonly size: number;
  /** Bytes: what the Engine takes is 6 MB or more. */
  readonly memory: number;
  /** Bytes; -1: no limit. */
  readonly limit: number;
  /** Microseconds. */
  readonly period: number;
}

/** Whether a field of this kind is a number of bytes. */
export function isBytes(kind: keyof ValuesByKind): boolean {
  return kind === "size" || kind === "memory" || kind === "limit";
}

interface EngineField {
  readonly kind: keyof ValuesByKind;
  /** The Engine's name of it, in HostConfig. */
  readonly key: string;
  /** The smallest and the largest value. */
  readonly range?: readonly [number, number];
  /** The texts that the Engine takes, and how to say so. */
  readonly form?: readonly [RegExp, string];
}

/**
 * Fields of Compose that are one value of the Engine's HostConfig. The schema of `service()`, the request that creates
 * a container and the comparison with an existing one follow from here.
 *
 * @see https://docs.docker.com/reference/api/engine/version/v1.48/#tag/Container/operation/ContainerCreate
 */
export const engineFields = {
  annotations: { kind: "pairs", key: "Annotations" },
  capAdd: { kind: "texts", key: "CapAdd" },
  capDrop: { kind: "texts", key: "CapDrop" },
  cgroup: {
    kind: "text",
    key: "CgroupnsMode",
    form: [/^(?:host|private)$/, '"host" or "private"'],
  },
  cgroupParent: { kind: "text", key: "CgroupParent" },
  cpuPeriod: { kind: "period", key: "CpuPeriod" },
  cpuQuota: { kind: "period", key: "CpuQuota" },
  cpuRtPeriod: { kind: "period", key: "CpuRealtimePeriod" },
  cpuRtRuntime: { kind: "period", key: "CpuRealtimeRuntime" },
  cpuShares: { kind: "integer", key: "CpuShares", range: [2, 262_144] },
  cpus: { kind: "cpus", key: "NanoCpus" },
  cpuset: { kind: "text", key: "CpusetCpus" },
  deviceCgroupRules: { kind: "texts", key: "DeviceCgroupRules" },
  groupAdd: { kind: "texts", key: "GroupAdd" },
  init: { kind: "flag", key: "Init" },
  ipc: {
    kind: "text",
    key: "IpcMode",
    form: [
      /^(?:none|private|shareable|host|container:.+)$/,
      '"none", "private", "shareable" or "host"',
    ],
  },
  memLimit: { kind: "memory", key: "Memory" },
  memReservation: { kind: "memory", key: "MemoryReservation" },
  memSwappiness: { kind: "integer", key: "MemorySwappiness", range: [0, 100] },
  memswapLimit: { kind: "limit", key: "MemorySwap" },
  oomKillDisable: { kind: "flag", key: "OomKillDisable" },
  oomScoreAdj: { kind: "integer", key: "OomScoreAdj", range: [-1000, 1000] },
  pid: { kind: "text", key: "PidMode", form: [/^(?:host|container:.+)$/, '"host"'] },
  pidsLimit: { kind: "integer", key: "PidsLimit" },
  readOnly: { kind: "flag", key: "ReadonlyRootfs" },
  runtime: { kind: "text", key: "Runtime" },
  securityOpt: { kind: "texts", key: "SecurityOpt" },
  shmSize: { kind: "size", key: "ShmSize" },
  storageOpt: { kind: "pairs", key: "StorageOpt" },
  sysctls: { kind: "pairs", key: "Sysctls" },
  tmpfs: { kind: "pairs", key: "Tmpfs" },
  usernsMode: { kind: "text", key: "UsernsMode" },
  uts: { kind: "text", key: "UTSMode", form: [/^host$/, '"host"'] },
} as const satisfies Readonly<Record<string, EngineField>>;

type Table = typeof engineFields;
export type EngineFieldName = keyof Table;

/** The kind of values that a field holds. */
export type EngineValue<Name extends EngineFieldName> = ValuesByKind[Table[Name]["kind"]];

/** The values of these fields; undefined: the Engine's default. */
export type EngineSettings = { readonly [Name in EngineFieldName]?: EngineValue<Name> | undefined };

/** The table with one type for all its rows, for loops. */
export const engineFieldEntries: readonly (readonly [EngineFieldName, EngineField])[] =
  Object.entries(engineFields) as [EngineFieldName, EngineField][];
