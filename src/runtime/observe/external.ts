import type { Engine } from "../../docker/client/engine.ts";
import { networkExists } from "../../docker/networks.ts";
import { volumeExists } from "../../docker/volumes.ts";

/** Those of the volumes that are not there. */
export function findMissingVolumes(engine: Engine, names: readonly string[]): Promise<string[]> {
  return findMissing(names, (name) => volumeExists(engine, name));
}

/** Those of the networks that are not there. */
export function findMissingNetworks(engine: Engine, names: readonly string[]): Promise<string[]> {
  return findMissing(names, (name) => networkExists(engine, name));
}

async function findMissing(
  names: readonly string[],
  exists: (name: string) => Promise<boolean>,
): Promise<string[]> {
  const found = await Promise.all(names.map(exists));
  return names.filter((_, index) => !found[index]);
}
