import type Docker from "dockerode";
import { readAnswer, requireObject, requireString } from "./client/answers.ts";
import type { Engine } from "./client/engine.ts";
import { errorStatus } from "./client/errors.ts";
import { getJson, request, requestIfExists } from "./client/request.ts";

export interface VolumeSummary {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Time in ISO 8601; undefined where the Engine does not tell, or tells when the volume was last written to. */
  readonly createdAt: string | undefined;
  /** Its data is where another driver, or the options of the Engine's own one, say. */
  readonly isElsewhere: boolean;
}

interface VolumeInfo {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly CreatedAt?: string;
  readonly Driver?: string;
  readonly Options?: Readonly<Record<string, string>> | null;
}

/** Lists the volumes that have all of the labels (`name` or `name=value`). */
export async function listVolumes(
  engine: Engine,
  labels: readonly string[] = [],
): Promise<VolumeSummary[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: labels }));
  const path = labels.length === 0 ? "/volumes" : `/volumes?filters=${filters}`;
  const answer = await getJson<{ Volumes?: VolumeInfo[] | null }>(engine, path);
  // Known once the Engine has answered: without that, its error has no explanation.
  const { datesVolumes } = await engine.features();
  return readAnswer(engine, answer, (info) =>
    (requireObject(info).Volumes ?? []).map(
      ({ Name, Labels, CreatedAt, Driver = "local", Options }) => ({
        name: requireString(Name),
        labels: Labels ?? {},
        createdAt: (datesVolumes && CreatedAt) || undefined,
        isElsewhere: Driver !== "local" || Object.keys(Options ?? {}).length > 0,
      }),
    ),
  );
}

/**
 * Creates a volume unless there is one of that name. Of several calls at the same time, one creates it.
 *
 * @returns the labels of the volume that is there now
 */
export async function ensureVolume(
  engine: Engine,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<VolumeSummary["labels"]> {
  const body = { Name: name, Labels: labels };
  const volume = await request<VolumeInfo>(engine, {
    method: "POST",
    path: "/volumes/create",
    body,
  });
  return readAnswer(engine, volume, (info) => requireObject(info).Labels ?? {});
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
