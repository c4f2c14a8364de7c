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
    ...(body.Healthcheck && { Healthcheck: healthcheckSettings(body.Healthcheck) }),
    ...(body.HostConfig && { HostConfig: { ...HostConfig, ...(Tmpfs && tmpfsSettings(Tmpfs)) } }),
  };
}

/**
 * Podman joins the words of a check with spaces and splits them again at each space, unless they are a list in JSON. One
 * word alone would become a line for a shell.
 *
 * @see https://docs.podman.io/en/v4.3/markdown/podman-run.1.html (--health-cmd)
 */
function healthcheckSettings({ Test = [], ...others }: Docker.HealthConfig): Docker.HealthConfig {
  const [kind, ...words] = Test;
  const isSplit = kind === "CMD" && words.length > 1 && words.some((word) => !/^\S+$/.test(word));
  return { ...others, ...(Test.length > 0 && { Test: isSplit ? [JSON.stringify(words)] : Test }) };
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
