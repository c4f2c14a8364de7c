import { readAnswer, requireObject, requireString } from "./client/answers.ts";
import type { Engine } from "./client/engine.ts";
import { getJson, request } from "./client/request.ts";
import type { SwarmMembership } from "../model/swarm.ts";
import { readMembership, type SwarmInfo } from "./swarm.ts";

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

interface Info {
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

function readInfo(info: Info): EngineInfo {
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

/** An Engine and its machine, for people. */
export interface EngineFacts extends Pick<EngineInfo, "machine" | "rootFolder"> {
  readonly version: string;
  /** The version of its API that is used. */
  readonly api: string;
  readonly os: string;
  readonly architecture: string;
  /** Bytes, from storage drivers with a disk of their own. */
  readonly diskFree: number | undefined;
  /** Seconds that its clock is ahead of this machine's. */
  readonly clockDifference: number;
  readonly swarm: SwarmMembership;
}

interface WholeInfo extends Info {
  readonly ServerVersion: string;
  readonly OSType: string;
  readonly Architecture: string;
  readonly SystemTime?: string;
  readonly DriverStatus?: readonly (readonly string[])[] | null;
  readonly Swarm?: SwarmInfo;
}

/** @throws ReynsError NO_ENGINE */
export async function engineFacts(engine: Engine): Promise<EngineFacts> {
  // Connecting takes long over ssh, and would count as the way of the answer.
  await request(engine, { method: "HEAD", path: "/_ping" });
  const { apiVersion: api } = await engine.features();
  const asked = Date.now();
  const info = await getJson<WholeInfo>(engine, "/info");
  const answered = Date.now();
  return readAnswer(engine, info, (answer) => {
    const { ServerVersion, OSType, Architecture, SystemTime, DriverStatus, Swarm } =
      requireObject(answer);
    const { machine, rootFolder } = readInfo(answer);
    const time = Date.parse(SystemTime ?? "");
    return {
      machine,
      rootFolder,
      version: requireString(ServerVersion),
      api,
      os: requireString(OSType),
      architecture: requireString(Architecture),
      diskFree: parseBytes(DriverStatus?.find(([name]) => name === "Data Space Available")?.[1]),
      // The Engine reads its clock somewhere in between.
      clockDifference: Number.isNaN(time) ? 0 : (time - (asked + answered) / 2) / 1000,
      swarm: readMembership(Swarm),
    };
  });
}

const byteUnits = ["B", "kB", "MB", "GB", "TB"];

/** "12.3GB" */
function parseBytes(text = ""): number | undefined {
  const [, number = "", unit = ""] = /^([\d.]+) ?([kMGT]?B)$/.exec(text) ?? [];
  return number === "" ? undefined : Number(number) * 1000 ** byteUnits.indexOf(unit);
}
