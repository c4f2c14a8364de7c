import { hostname } from "node:os";
import type { Engine } from "../../docker/client/connect.ts";
import { engineInfo, type EngineInfo } from "../../docker/system.ts";

/** The name of the machine that an Engine runs on. */
export async function machineName(engine: Engine): Promise<string> {
  return engine.local ? hostname() : (await infoOf(engine)).machine;
}

/**
 * Whether containers can read what only this user can read here, once it is mounted: not where the Engine runs on
 * another machine, and not where it gives containers users of their own (`userns-remap`).
 */
export async function canMountKeys(engine: Engine): Promise<boolean> {
  return engine.local && !(await infoOf(engine)).mapsUsers;
}

/** Whether the Engine is an ordinary user's, who has no network of this host's to give to containers. */
export async function isRootless(engine: Engine): Promise<boolean> {
  return (await infoOf(engine)).isRootless;
}

const asked = new WeakMap<Engine, Promise<EngineInfo>>();

/** Asked once; after a failure again. */
function infoOf(engine: Engine): Promise<EngineInfo> {
  const known = asked.get(engine) ?? engineInfo(engine);
  asked.set(engine, known);
  known.catch(() => asked.delete(engine));
  return known;
}
