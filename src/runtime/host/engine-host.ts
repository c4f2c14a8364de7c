import { hostname } from "node:os";
import type { Engine } from "../../docker/client/engine.ts";
import { engineInfo, type EngineInfo } from "../../docker/system.ts";

/** Name of the machine that an Engine runs on. */
export async function machineName(engine: Engine): Promise<string> {
  return engine.local ? hostname() : (await getEngineInfo(engine)).machine;
}

/** Whether an Engine has the files of this host: the socket may be that of one in a virtual machine. */
export async function hasFilesOfHost(engine: Engine): Promise<boolean> {
  return engine.local && (await getEngineInfo(engine)).machine === hostname();
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
