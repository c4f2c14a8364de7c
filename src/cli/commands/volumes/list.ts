import { ReynsError } from "../../../errors.ts";
import { acceptedHint } from "../../../lib/suggest.ts";
import { isCopy } from "../../../model/copy-origin.ts";
import type { ObservedVolume } from "../../../model/observed-volume.ts";
import { matches } from "../../../plan/select/match.ts";
import { guessProjectName } from "../../../project/guess-name.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { observeVolumes } from "../../../runtime/observe/volumes.ts";
import {
  connectEngine,
  listInstances,
  loadProject,
  locateProject,
  withEngineNotice,
} from "../../common/context.ts";

interface ProjectVolumes {
  readonly engine: Engine;
  readonly volumes: readonly ObservedVolume[];
}

/**
 * Lists the project's volumes that match any of the patterns; all of them without a pattern.
 *
 * @throws ReynsError UNKNOWN_VOLUME for a pattern without a match; UNKNOWN_COPY
 */
export async function listProjectVolumes(patterns: readonly string[]): Promise<ProjectVolumes> {
  const place = await locateProject();
  const { origin } = place;
  const name = (await guessProjectName(place, process.env)) ?? (await loadProject()).name;
  const engine = await connectEngine();
  const volumes = await withEngineNotice(observeVolumes(engine, { name, origin }));
  // Of a copy that has none, the instances tell whether there is one.
  if (volumes.length === 0 && isCopy(place)) await listInstances();
  for (const pattern of patterns) checkPattern(pattern, volumes);
  const chosen = volumes.filter(
    (volume) => patterns.length === 0 || patterns.some((pattern) => isMatch(pattern, volume)),
  );
  return { engine, volumes: chosen };
}

function isMatch(pattern: string, { name, shortName }: ObservedVolume): boolean {
  return matches(pattern, shortName) || matches(pattern, name);
}

function checkPattern(pattern: string, volumes: readonly ObservedVolume[]): void {
  if (volumes.some((volume) => isMatch(pattern, volume))) return;
  const names = volumes.map(({ shortName }) => shortName);
  const hint = names.length > 0 ? acceptedHint(pattern, names) : "this project has no volumes here";
  throw new ReynsError("UNKNOWN_VOLUME", `no volume "${pattern}"`, { hint });
}
