import { ReynsError } from "../../../errors.ts";
import { acceptedHint } from "../../../lib/suggest.ts";
import { isCopy } from "../../../model/copy-origin.ts";
import type { ObservedVolume } from "../../../model/observed-volume.ts";
import type { ProjectIdentity } from "../../../model/resource-names.ts";
import type { Conf } from "../../../model/project.ts";
import { matches } from "../../../plan/select/match.ts";
import { guessProjectName } from "../../../project/guess-name.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { observeVolumes, observeVolumeSizes } from "../../../runtime/observe/volumes.ts";
import {
  connectAll,
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
 * @param isSized whether each has its size
 * @throws ReynsError UNKNOWN_VOLUME for a pattern without a match; UNKNOWN_COPY
 */
export async function listProjectVolumes(
  patterns: readonly string[],
  isSized = false,
): Promise<ProjectVolumes> {
  const place = await locateProject();
  const { origin } = place;
  const engine = await connectAll(place);
  const name = (await guessProjectName(place, process.env)) ?? (await loadProject()).name;
  const volumes = await withEngineNotice(observeAll(engine, { name, origin }, isSized));
  // Of a copy that has none, the instances tell whether there is one.
  if (volumes.length === 0 && isCopy(place)) await listInstances();
  const isKnown = (pattern: string): boolean => volumes.some((one) => isMatch(pattern, one));
  const declared = patterns.every(isKnown) ? {} : await declaredVolumes();
  for (const pattern of patterns) checkPattern(pattern, volumes, declared);
  const chosen = volumes.filter(
    (volume) =>
      patterns.length === 0 || patterns.some((pattern) => isMatch(pattern, volume, declared)),
  );
  return { engine, volumes: chosen };
}

/** Those of all nodes, where there are several. */
async function observeAll(
  engine: Engine,
  project: ProjectIdentity,
  isSized: boolean,
): Promise<ObservedVolume[]> {
  const observeOn = async (own: Engine): Promise<ObservedVolume[]> => {
    const volumes = await observeVolumes(own, project);
    if (!isSized) return volumes;
    const sizes = await observeVolumeSizes(own);
    return volumes.map((volume) => ({ ...volume, size: sizes.get(volume.name) }));
  };
  if (!engine.fleet) return observeOn(engine);
  const all = await Promise.all(
    engine.fleet.members.map(async ({ name, engine: own }) =>
      (await observeOn(own)).map((volume) => ({ ...volume, node: name })),
    ),
  );
  return all.flat();
}

type DeclaredVolumes = NonNullable<Conf["volumes"]>;

/** Only the definition says what it calls a volume that has a name of its own; one with mistakes says nothing. */
async function declaredVolumes(): Promise<DeclaredVolumes> {
  const project = await loadProject().catch(() => undefined);
  return project?.conf.volumes ?? {};
}

function isMatch(
  pattern: string,
  { name, shortName }: ObservedVolume,
  declared: DeclaredVolumes = {},
): boolean {
  const keys = Object.keys(declared).filter((key) => declared[key]?.name === name);
  return [shortName, name, ...keys].some((one) => matches(pattern, one));
}

function checkPattern(
  pattern: string,
  volumes: readonly ObservedVolume[],
  declared: DeclaredVolumes,
): void {
  if (volumes.some((volume) => isMatch(pattern, volume, declared))) return;
  const names = volumes.map(({ shortName }) => shortName);
  const hint = names.length > 0 ? acceptedHint(pattern, names) : "this project has no volumes here";
  throw new ReynsError("UNKNOWN_VOLUME", `no volume "${pattern}"`, { hint });
}
