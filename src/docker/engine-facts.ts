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
  /** Seconds that its clock is at least ahead of this machine's, or behind. */
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
      clockDifference: outside(time, asked, answered) / 1000,
      swarm: readMembership(Swarm),
    };
  });
}

/**
 * How far a time lies before or after what came between asking and the answer. The Engine has read its clock somewhere in
 * between: a slow answer is no difference.
 */
function outside(time: number, asked: number, answered: number): number {
  if (Number.isNaN(time)) return 0;
  return Math.min(time - asked, 0) + Math.max(time - answered, 0);
}

const byteUnits = ["B", "kB", "MB", "GB", "TB"];

/** "12.3GB" */
function parseBytes(text = ""): number | undefined {
  const [, number = "", unit = ""] = /^([\d.]+) ?([kMGT]?B)$/.exec(text) ?? [];
  return number === "" ? undefined : Number(number) * 1000 ** byteUnits.indexOf(unit);
}
