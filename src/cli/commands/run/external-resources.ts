import { ReynsError, throwAll, type Place } from "../../../errors.ts";
import type { Project } from "../../../model/project.ts";
import { declaredNetworkName } from "../../../model/resource-names.ts";
import type { Step } from "../../../model/steps.ts";
import type { Engine } from "../../../runtime/connect.ts";

/** Reports external volumes and networks that are not there: the Engine would make empty volumes. */
export async function checkExternalResources(
  steps: readonly Step[],
  project: Project,
  engine: Engine,
): Promise<void> {
  const specs = steps.flatMap((step) => (step.kind === "start-instance" ? step.spec : []));
  const volumes = specs.flatMap(({ mounts }) =>
    mounts.filter(({ declared }) => declared?.external).map(({ source }) => source),
  );
  const external = externalNetworks(project);
  const networks = specs
    .flatMap(({ network, joined = [] }) => [network?.name ?? "", ...joined.map(({ name }) => name)])
    .filter((name) => external.has(name));
  if (volumes.length + networks.length === 0) return;
  const { findMissingNetworks, findMissingVolumes } =
    await import("../../../runtime/observe/external.ts");
  const [missingVolumes, missingNetworks] = await Promise.all([
    findMissingVolumes(engine, [...new Set(volumes)]),
    findMissingNetworks(engine, [...new Set(networks)]),
  ]);
  throwAll([
    ...missingVolumes.map((name) => missing("volume", name)),
    ...missingNetworks.map((name) => missing("network", name, external.get(name))),
  ]);
}

/** The name on the Engine -> where it is declared. */
function externalNetworks(project: Project): Map<string, Place | undefined> {
  const declared = Object.entries(project.conf.networks ?? {});
  const external = declared.filter(([, definition]) => definition.external);
  return new Map(
    external.map(([key, definition]) => [
      declaredNetworkName(project, key, definition),
      definition.at,
    ]),
  );
}

function missing(kind: "volume" | "network", name: string, at?: Place): ReynsError {
  const message = `there is no ${kind} "${name}", which is external`;
  const hint = `create it with docker ${kind} create ${name}; without external: true, Reyns creates it`;
  return new ReynsError("INVALID_PROJECT", message, { hint, at });
}
