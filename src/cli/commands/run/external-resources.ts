import { ReynsError, throwAll } from "../../../errors.ts";
import type { Step } from "../../../model/steps.ts";
import type { Engine } from "../../../runtime/connect.ts";

/** Reports external volumes and networks that are not there: the Engine would make empty volumes. */
export async function checkExternalResources(
  steps: readonly Step[],
  engine: Engine,
): Promise<void> {
  const specs = steps.flatMap((step) => (step.kind === "start-instance" ? step.spec : []));
  const volumes = specs.flatMap(({ mounts }) =>
    mounts.filter(({ declared }) => declared?.external).map(({ source }) => source),
  );
  const networks = specs.flatMap(({ joined }) => joined?.map(({ name }) => name) ?? []);
  if (volumes.length + networks.length === 0) return;
  const { findMissingNetworks, findMissingVolumes } =
    await import("../../../runtime/observe/external.ts");
  const [missingVolumes, missingNetworks] = await Promise.all([
    findMissingVolumes(engine, [...new Set(volumes)]),
    findMissingNetworks(engine, [...new Set(networks)]),
  ]);
  throwAll([
    ...missingVolumes.map((name) =>
      missing("volume", name, "; without external: true, Reyns creates it"),
    ),
    ...missingNetworks.map((name) => missing("network", name, "")),
  ]);
}

function missing(kind: "volume" | "network", name: string, more: string): ReynsError {
  const message = `there is no ${kind} "${name}", which is external`;
  const hint = `create it with docker ${kind} create ${name}${more}`;
  return new ReynsError("INVALID_PROJECT", message, { hint });
}
