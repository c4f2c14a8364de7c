import type Docker from "dockerode";
import { secretsFolder, secretsMount } from "../../model/secret-names.ts";
import type { Engine } from "../client/engine.ts";
import { request } from "../client/request.ts";

/** Seconds. Podman 4 takes none for 0, and then stops a container by killing it. */
const defaultStopTimeout = 10;

/** Options that have the effect in Podman that they have in Docker. */
export function podmanOptions(body: Docker.ContainerCreateOptions): Docker.ContainerCreateOptions {
  const { Tmpfs, ...HostConfig } = body.HostConfig ?? {};
  return {
    StopTimeout: defaultStopTimeout,
    ...body,
    ...(body.HostConfig && { HostConfig: { ...HostConfig, ...(Tmpfs && tmpfsSettings(Tmpfs)) } }),
  };
}

/** Podman refuses the owner of a tmpfs. */
function tmpfsSettings(Tmpfs: Readonly<Record<string, string>>): Pick<Docker.HostConfig, "Tmpfs"> {
  const isOurs = Tmpfs[secretsFolder] === secretsMount.owned;
  return { Tmpfs: isOurs ? { ...Tmpfs, [secretsFolder]: secretsMount.ownerless } : Tmpfs };
}

/** Creates the volumes of a container: Podman would create them with it, but without labels, driver and options. */
export async function createVolumes(
  engine: Engine,
  { HostConfig }: Docker.ContainerCreateOptions,
): Promise<void> {
  for (const { Type, Source, VolumeOptions } of HostConfig?.Mounts ?? []) {
    const driver = VolumeOptions?.DriverConfig;
    // One without a driver is external, and exists.
    if (Type !== "volume" || !Source || !driver) continue;
    const body = {
      Name: Source,
      Labels: VolumeOptions.Labels,
      Driver: driver.Name,
      DriverOpts: driver.Options,
    };
    await request(engine, { method: "POST", path: "/volumes/create", body });
  }
}
