import { readAnswer, requireObject, requireString } from "./client/answers.ts";
import type { Engine } from "./client/engine.ts";
import { getJson } from "./client/request.ts";

export interface EngineVersion {
  readonly version: string;
  readonly api: string;
}

/** @throws ReynsError NO_ENGINE */
export async function engineVersion(engine: Engine): Promise<EngineVersion> {
  const info = await getJson<{ Version: string; ApiVersion: string }>(engine, "/version");
  return readAnswer(engine, info, ({ Version, ApiVersion }) => ({
    version: requireString(Version),
    api: requireString(ApiVersion),
  }));
}

/** The Engine's clock, in seconds since 1970, with up to nine digits after the point. */
export async function engineTime(engine: Engine): Promise<string> {
  const { SystemTime } = await getJson<{ SystemTime?: string }>(engine, "/info");
  const milliseconds = Date.parse(SystemTime ?? "");
  return String((Number.isNaN(milliseconds) ? Date.now() : milliseconds) / 1000);
}

/** The logging driver of containers that name none. */
export async function defaultLogDriver(engine: Engine): Promise<string> {
  const { LoggingDriver } = await getJson<{ LoggingDriver?: string }>(engine, "/info");
  return LoggingDriver || "json-file";
}

export interface EngineInfo {
  /** The same for as long as its images are. */
  readonly id: string;
  /** The folder of its images and containers on its machine. */
  readonly rootFolder: string;
  /** Host name of that machine. */
  readonly machine: string;
  /** It maps users of containers to other users of the machine: `userns-remap`. */
  readonly mapsUsers: boolean;
  /** It runs as an ordinary user in its own network namespace. */
  readonly isRootless: boolean;
}

export interface Info {
  readonly ID: string;
  readonly DockerRootDir: string;
  readonly Name: string;
  readonly SecurityOptions?: readonly string[] | null;
  /** Only from Podman. */
  readonly Rootless?: boolean;
}

/** @throws ReynsError NO_ENGINE */
export async function engineInfo(engine: Engine): Promise<EngineInfo> {
  return readAnswer(engine, await getJson<Info>(engine, "/info"), readInfo);
}

export function readInfo(info: Info): EngineInfo {
  const { ID, DockerRootDir, Name, SecurityOptions, Rootless } = requireObject(info);
  const has = (name: string): boolean =>
    (SecurityOptions ?? []).some((option) => option.split(",")[0] === `name=${name}`);
  return {
    // Podman invents another id for each answer.
    id: Rootless === undefined ? ID : Name,
    rootFolder: DockerRootDir,
    machine: Name,
    mapsUsers: has("userns"),
    isRootless: Rootless ?? has("rootless"),
  };
}
