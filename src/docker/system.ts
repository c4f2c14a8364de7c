import type { Engine } from "./client/connect.ts";
import { getJson } from "./client/request.ts";

export interface EngineVersion {
  readonly version: string;
  readonly api: string;
}

/** @throws ReynsError NO_ENGINE */
export async function engineVersion(engine: Engine): Promise<EngineVersion> {
  const info = await getJson<{ Version: string; ApiVersion: string }>(engine, "/version");
  return { version: info.Version, api: info.ApiVersion };
}

export interface EngineInfo {
  /** Where it keeps images and containers, on its own machine. */
  readonly rootFolder: string;
  /** Host name of that machine. */
  readonly machine: string;
  /** Users in containers are others on the machine: `userns-remap`. */
  readonly mapsUsers: boolean;
  /** It runs as an ordinary user, in a network namespace of its own. */
  readonly isRootless: boolean;
}

interface Info {
  readonly DockerRootDir: string;
  readonly Name: string;
  readonly SecurityOptions?: readonly string[] | null;
  /** Podman's own way to say it. */
  readonly Rootless?: boolean;
}

/** @throws ReynsError NO_ENGINE */
export async function engineInfo(engine: Engine): Promise<EngineInfo> {
  const { DockerRootDir, Name, SecurityOptions, Rootless } = await getJson<Info>(engine, "/info");
  const has = (name: string): boolean =>
    (SecurityOptions ?? []).some((option) => option.split(",")[0] === `name=${name}`);
  return {
    rootFolder: DockerRootDir,
    machine: Name,
    mapsUsers: has("userns"),
    isRootless: Rootless ?? has("rootless"),
  };
}
