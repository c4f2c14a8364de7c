import type Docker from "dockerode";
import { splitOnce } from "../../lib/split-once.ts";
import type { ObservedMount } from "../../model/observed.ts";
import { readAnswer } from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { request, requestIfExists, requestUnless } from "../client/request.ts";
import { formatRestartPolicy } from "./restart-policy.ts";

/** Starts a container. Does nothing if it is running. */
export async function startContainer(engine: Engine, id: string): Promise<void> {
  await requestUnless([304], engine, { method: "POST", path: `/containers/${id}/start` });
}

/**
 * Stops a container. Does nothing if it is stopped or gone.
 *
 * @param grace seconds after which the Engine kills it; its own `stopGracePeriod`, else 10 s, if undefined
 */
export async function stopContainer(engine: Engine, id: string, grace?: number): Promise<void> {
  const query = grace === undefined ? "" : `?t=${grace}`;
  const path = `/containers/${id}/stop${query}`;
  await requestUnless([304, 404], engine, { method: "POST", path });
}

/** Lets a paused container continue. Does nothing if it is not paused. */
export async function unpauseContainer(engine: Engine, id: string): Promise<void> {
  if (!(await inspectContainer(engine, id))?.paused) return;
  await request(engine, { method: "POST", path: `/containers/${id}/unpause` });
}

/** Renames a container. Does nothing if it has the name already. */
export async function renameContainer(engine: Engine, id: string, name: string): Promise<void> {
  const details = await inspectContainer(engine, id);
  if (!details || details.name === name) return;
  const path = `/containers/${id}/rename?name=${encodeURIComponent(name)}`;
  await request(engine, { method: "POST", path });
}

/**
 * Renames a running container, unless it is in an overlay network: the Engine cannot do that before it is stopped.
 *
 * @returns whether it has the name
 */
export async function renameRunning(engine: Engine, id: string, name: string): Promise<boolean> {
  try {
    await renameContainer(engine, id, name);
    return true;
  } catch (error) {
    // Docker 20.10, and Docker since 25.
    if (error instanceof Error && /to cluster on (?:rename|UpdateDNSNames)/.test(error.message))
      return false;
    throw error;
  }
}

/** Removes a container with its unnamed volumes, unless told otherwise. Does nothing if it is gone or being removed. */
export async function removeContainer(
  engine: Engine,
  id: string,
  { keepsVolumes = false }: { readonly keepsVolumes?: boolean } = {},
): Promise<void> {
  const path = `/containers/${id}?force=true&v=${!keepsVolumes}`;
  await requestUnless([404, 409], engine, { method: "DELETE", path });
}

/** Waits until a container has ended, or is gone; never resolves once the signal is aborted. */
export async function waitUntilEnded(
  engine: Engine,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const path = `/containers/${id}/wait?condition=not-running`;
  try {
    await requestUnless([404], engine, { method: "POST", path, signal });
  } catch (error) {
    if (signal.aborted) return new Promise(() => {});
    throw error;
  }
}

/** The details of a container that listings leave out. */
export interface ContainerDetails {
  readonly name: string;
  readonly imageId: string;
  /** Also while it is paused. */
  readonly running: boolean;
  readonly paused: boolean;
  /** Its restart policy, such as `on-failure:3`; undefined where it is not restarted. */
  readonly restart: string | undefined;
  /** How often that has restarted it. */
  readonly restarts: number;
  /** It has ended, and its restart policy will restart it after a pause. */
  readonly restarting: boolean;
  /** The Engine is removing it. */
  readonly removing: boolean;
  readonly exitCode: number;
  /** It was killed because it ran out of memory. */
  readonly oomKilled: boolean;
  /** Bytes of memory that it may have; undefined without a limit. */
  readonly memLimit: number | undefined;
  /** ISO 8601; the year 1 before the first start. */
  readonly startedAt: string;
  /** The same of its last end. */
  readonly finishedAt: string;
  /** healthy, unhealthy, starting; undefined without a HEALTHCHECK */
  readonly health: string | undefined;
  /** Seconds for which failures of its health check do not count. */
  readonly startPeriod: number;
  /** Seconds within which its health check has passed, or has failed as often as its retries allow. */
  readonly healthLimit: number;
  /** What its health check printed last. */
  readonly healthOutput: string;
  readonly command: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly ObservedMount[];
  readonly extraHosts: readonly string[];
  /** Name -> address. */
  readonly networks: Readonly<Record<string, string>>;
}

/** @returns undefined when there is no such container */
export async function inspectContainer(
  engine: Engine,
  id: string,
): Promise<ContainerDetails | undefined> {
  const path = `/containers/${id}/json`;
  const info = await requestIfExists<Docker.ContainerInspectInfo>(engine, { method: "GET", path });
  return info && readAnswer(engine, info, readDetails);
}

function readDetails(info: Docker.ContainerInspectInfo): ContainerDetails {
  const { State, Config, RestartCount, Mounts, HostConfig } = info;
  const { Networks: networks = {} } =
    (info as Partial<Docker.ContainerInspectInfo>).NetworkSettings ?? {};
  return {
    name: info.Name.replace(/^\//, ""),
    imageId: info.Image,
    running: State.Running,
    paused: State.Paused,
    restarting: State.Restarting,
    restart: formatRestartPolicy(HostConfig.RestartPolicy),
    restarts: RestartCount,
    removing: State.Dead || State.Status === "removing",
    exitCode: State.ExitCode,
    oomKilled: State.OOMKilled,
    memLimit: HostConfig.Memory || undefined,
    startedAt: State.StartedAt,
    finishedAt: State.FinishedAt,
    // Podman reports an empty one without a HEALTHCHECK.
    health: State.Health?.Status || undefined,
    startPeriod: (Config.Healthcheck?.StartPeriod ?? 0) / 1e9,
    healthLimit: healthLimitOf(Config.Healthcheck),
    healthOutput: State.Health?.Log?.at(-1)?.Output ?? "",
    command: Config.Cmd ?? [],
    labels: Config.Labels ?? {},
    env: Object.fromEntries((Config.Env ?? []).map((line) => splitOnce(line, "="))),
    mounts: Mounts.map((mount) => ({
      source: mount.Source,
      target: mount.Destination,
      readOnly: !mount.RW,
      volume: mount.Type === "volume" ? (mount.Name ?? null) : null,
    })),
    extraHosts: HostConfig.ExtraHosts ?? [],
    networks: Object.fromEntries(
      Object.entries(networks).map(([name, { IPAddress }]) => [name, IPAddress]),
    ),
  };
}

/** The Engine's own values, where a health check has none. */
const [checkSeconds, checkRetries] = [30, 3];

/**
 * Seconds that a health check can take to come to a result, and one more try, as the Engine is not exact; 0 for one that is
 * switched off.
 */
export function healthLimitOf(check: Docker.HealthConfig = {}): number {
  const { Test, Interval = 0, Timeout = 0, StartPeriod = 0, Retries = 0 } = check;
  if (Test?.[0] === "NONE") return 0;
  const seconds = (nanoseconds: number): number => nanoseconds / 1e9 || checkSeconds;
  const tries = (Retries || checkRetries) + 1;
  return StartPeriod / 1e9 + (seconds(Interval) + seconds(Timeout)) * tries;
}

/** Names that a container has in a network, besides its own id and name. */
export async function listAliases(engine: Engine, id: string, network: string): Promise<string[]> {
  const path = `/containers/${id}/json`;
  const info = await requestIfExists<Docker.ContainerInspectInfo>(engine, { method: "GET", path });
  const endpoint = info?.NetworkSettings.Networks[network] as
    | { readonly Aliases?: readonly string[] | null }
    | undefined;
  return (endpoint?.Aliases ?? []).filter((alias) => alias !== id.slice(0, 12));
}
