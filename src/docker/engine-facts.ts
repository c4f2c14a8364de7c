import type { SwarmMembership } from "../model/swarm.ts";
import { readAnswer, requireObject, requireString } from "./client/answers.ts";
import type { Engine } from "./client/engine.ts";
import { getJson, request } from "./client/request.ts";
import { readMembership, type SwarmInfo } from "./swarm.ts";
import { readInfo, type EngineInfo, type Info } from "./system.ts";

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
