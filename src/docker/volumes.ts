import type Docker from "dockerode";
import { readAnswer, requireObject, requireString } from "./client/answers.ts";
import type { Engine } from "./client/engine.ts";
import { errorStatus } from "./client/errors.ts";
import { getJson, requestIfExists } from "./client/request.ts";

export interface VolumeSummary {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Time in ISO 8601; undefined where the Engine does not tell. */
  readonly createdAt: string | undefined;
}

interface VolumeInfo {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly CreatedAt?: string;
}

export async function listVolumes(engine: Engine): Promise<VolumeSummary[]> {
  const answer = await getJson<{ Volumes?: VolumeInfo[] | null }>(engine, "/volumes");
  return readAnswer(engine, answer, (info) =>
    (requireObject(info).Volumes ?? []).map(({ Name, Labels, CreatedAt }) => ({
      name: requireString(Name),
      labels: Labels ?? {},
      createdAt: CreatedAt || undefined,
    })),
  );
}

export async function volumeExists(engine: Engine, name: string): Promise<boolean> {
  const path = `/volumes/${encodeURIComponent(name)}`;
  return (await requestIfExists(engine, { method: "GET", path })) !== undefined;
}

/** Bytes of each volume, by its name, for those whose driver can tell. */
export async function volumeSizes(engine: Engine): Promise<Map<string, number>> {
  const path = "/system/df?type=volume";
  const answer = await getJson<{ Volumes?: Docker.VolumeInspectInfo[] | null }>(engine, path);
  return readAnswer(
    engine,
    answer,
    ({ Volumes }) =>
      new Map(
        (Volumes ?? []).flatMap(({ Name, UsageData }) =>
          UsageData && UsageData.Size >= 0 ? [[Name, UsageData.Size] as const] : [],
        ),
      ),
  );
}

/**
 * Removes a volume. Does nothing if it is gone.
 *
 * @returns false when a container still uses it
 */
export async function removeVolume(engine: Engine, name: string): Promise<boolean> {
  try {
    await requestIfExists(engine, {
      method: "DELETE",
      path: `/volumes/${encodeURIComponent(name)}`,
    });
  } catch (error) {
    if (errorStatus(error) !== 409) throw error;
    return false;
  }
  return true;
}
