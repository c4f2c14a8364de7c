import type { Engine } from "./connect.ts";
import { getJson } from "./refusal.ts";

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
}

/** @throws ReynsError NO_ENGINE */
export async function engineInfo(engine: Engine): Promise<EngineInfo> {
  const info = await getJson<{ DockerRootDir: string }>(engine, "/info");
  return { rootFolder: info.DockerRootDir };
}
