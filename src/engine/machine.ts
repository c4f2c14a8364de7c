import { hostname } from "node:os";
import type { Engine } from "../docker/connect.ts";
import { engineInfo } from "../docker/system.ts";

/** The name of the machine that an Engine runs on. */
export async function machineName(engine: Engine): Promise<string> {
  return engine.local ? hostname() : (await engineInfo(engine)).machine;
}

const mounting = new WeakMap<Engine, Promise<boolean>>();

/**
 * Whether containers can read what only this user can read here, once it is mounted: not where the Engine runs on
 * another machine, and not where it gives containers users of their own (`userns-remap`).
 */
export function canMountKeys(engine: Engine): Promise<boolean> {
  const known = mounting.get(engine) ?? looksLikeOurs(engine);
  mounting.set(engine, known);
  return known;
}

async function looksLikeOurs(engine: Engine): Promise<boolean> {
  return engine.local && !(await engineInfo(engine)).mapsUsers;
}
