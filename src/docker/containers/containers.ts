import type Docker from "dockerode";
import { splitOnce } from "../../lib/split-once.ts";
import type { ContainerSpec } from "../../model/container-spec.ts";
import type { Engine } from "../client/connect.ts";
import { createOptions } from "./create-options.ts";
import { errorStatus, lostConnection } from "../client/errors.ts";
import { listContainers } from "./list.ts";
import { request, requestIfExists } from "../client/request.ts";

/**
 * Creates a container, not started.
 *
 * @returns its id
 * @throws ReynsError ENGINE_REFUSED; with status 409 when the name is taken
 */
export function createContainer(engine: Engine, spec: ContainerSpec): Promise<string> {
  return createContainerFrom(engine, createOptions(spec));
}

/** The same in the words of the Engine's API; without a name the Engine gives one. */
export async function createContainerFrom(
  engine: Engine,
  body: Docker.ContainerCreateOptions,
): Promise<string> {
  const { name } = body;
  const query = name === undefined ? "" : `?name=${encodeURIComponent(name)}`;
  const asked = { method: "POST", path: `/containers/create${query}`, body } as const;
  const create = async (): Promise<string> => (await request<{ Id: string }>(engine, asked)).Id;
  try {
    return await create();
  } catch (error) {
    if (!lostConnection(error) || name === undefined) throw error;
  }
  // The answer is lost; whether it was made is seen by everything that it would carry.
  const labels = Object.entries(body.Labels ?? {}).map(([label, value]) => `${label}=${value}`);
  const made = (await listContainers(engine, labels)).find((one) => one.name === name);
  return made?.state === "created" ? made.id : create();
}

/** Starts a container. One that runs already is fine. */
export async function startContainer(engine: Engine, id: string): Promise<void> {
  try {
    await request(engine, { method: "POST", path: `/containers/${id}/start` });
  } catch (error) {
    if (errorStatus(error) !== 304) throw error;
  }
}

/**
 * Stops a container; when its own time to end is over (its `stopGracePeriod`, else 10 s), the Engine kills it. One that
 * is stopped or gone already is fine.
 */
export async function stopContainer(engine: Engine, id: string): Promise<void> {
  try {
    await requestIfExists(engine, { method: "POST", path: `/containers/${id}/stop` });
  } catch (error) {
    if (errorStatus(error) !== 304) throw error;
  }
}

/** Removes a container with its anonymous volumes. One that is gone, or going, is fine. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  try {
    await requestIfExists(engine, {
      method: "DELETE",
      path: `/containers/${id}?force=true&v=true`,
    });
  } catch (error) {
    if (errorStatus(error) !== 409) throw error;
  }
}

/** The status of a container at its next end; never when the signal comes first. */
export async function nextExit(engine: Engine, id: string, signal: AbortSignal): Promise<number> {
  const path = `/containers/${id}/wait?condition=next-exit`;
  try {
    const asked = { method: "POST", path, signal } as const;
    return (await request<{ StatusCode: number }>(engine, asked)).StatusCode;
  } catch (error) {
    if (signal.aborted) return new Promise(() => {});
    throw error;
  }
}

/** The commands of a container's processes; none when it does not run. */
export async function listProcesses(engine: Engine, id: string): Promise<readonly string[]> {
  try {
    const path = `/containers/${id}/top?ps_args=${encodeURIComponent("-eo pid,args")}`;
    const top = await request<{ Processes: string[][] | null }>(engine, { method: "GET", path });
    return (top.Processes ?? []).map((columns) => columns.slice(1).join(" "));
  } catch (error) {
    if (errorStatus(error) !== 409) throw error;
    return [];
  }
}

/** What the Engine knows of one container beyond its listing. */
export interface ContainerDetails {
  readonly running: boolean;
  /** How often its restart policy has started it again. */
  readonly restarts: number;
  /** It has ended, and its restart policy waits a while. */
  readonly restarting: boolean;
  readonly exitCode: number;
  /** healthy, unhealthy, starting; none without a HEALTHCHECK */
  readonly health: string | undefined;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly {
    readonly source: string;
    readonly target: string;
    readonly readOnly: boolean;
    /** Name of the Engine's volume; null for a folder of the host. */
    readonly volume: string | null;
  }[];
  readonly extraHosts: readonly string[];
  readonly networks: Readonly<Record<string, string>>;
  readonly startedAt: string;
  readonly tty: boolean;
}

/** @returns undefined when there is no such container */
export async function inspectContainer(
  engine: Engine,
  id: string,
): Promise<ContainerDetails | undefined> {
  const path = `/containers/${id}/json`;
  const info = await requestIfExists<Docker.ContainerInspectInfo>(engine, { method: "GET", path });
  if (!info) return undefined;
  return {
    running: info.State.Running,
    restarting: info.State.Restarting,
    restarts: info.RestartCount,
    exitCode: info.State.ExitCode,
    // Podman has an empty one where there is no HEALTHCHECK.
    health: info.State.Health?.Status || undefined,
    command: info.Config.Cmd ?? [],
    env: Object.fromEntries((info.Config.Env ?? []).map((line) => splitOnce(line, "="))),
    mounts: info.Mounts.map((mount) => ({
      source: mount.Source,
      target: mount.Destination,
      readOnly: !mount.RW,
      volume: mount.Type === "volume" ? (mount.Name ?? null) : null,
    })),
    extraHosts: info.HostConfig.ExtraHosts ?? [],
    networks: Object.fromEntries(
      Object.entries(info.NetworkSettings.Networks).map(([name, network]) => [
        name,
        network.IPAddress,
      ]),
    ),
    startedAt: info.State.StartedAt,
    tty: info.Config.Tty,
  };
}
