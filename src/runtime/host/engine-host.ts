import { readFileSync, realpathSync, statSync } from "node:fs";
import { hostname } from "node:os";
import type { Engine } from "../../docker/client/engine.ts";
import { engineInfo, type EngineInfo } from "../../docker/system.ts";

/** Name of the machine that an Engine runs on. */
export async function machineName(engine: Engine): Promise<string> {
  return engine.local ? hostname() : (await getEngineInfo(engine)).machine;
}

/**
 * Whether an Engine has the files of this process: its socket may lead out of a virtual machine, or out of a container,
 * which can share the host's name. There, the folder of the Engine is missing, or the socket is mounted by itself.
 */
export async function hasFilesOfHost(engine: Engine): Promise<boolean> {
  if (!engine.local) return false;
  const { machine, rootFolder } = await getEngineInfo(engine);
  return machine === hostname() && !isMissing(rootFolder) && !isMounted(socketOf(engine));
}

/** Not of what only others may see, such as in the folder of root. */
export function isMissing(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EACCES";
  }
}

function socketOf({ endpoint }: Engine): string {
  return endpoint.replace(/^unix:\/\//, "");
}

/** Whether a file is a mount of its own. Only Linux lists those. */
function isMounted(path: string): boolean {
  try {
    const file = realpathSync(path);
    return readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .some((line) => line.split(" ")[4] === file);
  } catch {
    return false;
  }
}

/**
 * Whether containers can read mounted files that only this user may read: not with an Engine on another machine, nor with
 * one that maps the users of containers (`userns-remap`).
 */
export async function canMountKeys(engine: Engine): Promise<boolean> {
  return engine.local && !(await getEngineInfo(engine)).mapsUsers;
}

/** Whether the Engine runs as an ordinary user, who cannot give containers the network of this host. */
export async function isRootless(engine: Engine): Promise<boolean> {
  return (await getEngineInfo(engine)).isRootless;
}

const infoCache = new WeakMap<Engine, Promise<EngineInfo>>();

/** Cached, unless the request fails. */
function getEngineInfo(engine: Engine): Promise<EngineInfo> {
  const info = infoCache.get(engine) ?? engineInfo(engine);
  infoCache.set(engine, info);
  info.catch(() => infoCache.delete(engine));
  return info;
}
