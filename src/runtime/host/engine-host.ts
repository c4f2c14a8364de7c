import { hostname } from "node:os";
import type { Engine } from "../../docker/client/engine.ts";
import { engineInfo, type EngineInfo } from "../../docker/system.ts";

/** The name of the machine that an Engine runs on. */
export async function machineName(engine: Engine): Promise<string> {
  return engine.local ? hostname() : (await getEngineInfo(engine)).machine;
}

/**
 * Whether containers can read what only this user can read here, once it is mounted: not where the Engine runs on
 * another machine, and not where it gives containers users of their own (`userns-remap`).
 */
export async function canMountKeys(engine: Engine): Promise<boolean> {
  return engine.local && !(await getEngineInfo(engine)).mapsUsers;
}

/** Whether the Engine is an ordinary user's, who has no network of this host's to give to containers. */
export async function isRootless(engine: Engine): Promise<boolean> {
  return (await getEngineInfo(engine)).isRootless;
}

const infoCache = new WeakMap<Engine, Promise<EngineInfo>>();

/** Asked once; after a failure again. */
function getEngineInfo(engine: Engine): Promise<EngineInfo> {
  const known = infoCache.get(engine) ?? engineInfo(engine);
  infoCache.set(engine, known);
  known.catch(() => infoCache.delete(engine));
  return known;
}
