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
  return { engine, volumes: await chooseVolumes(patterns, volumes, declaredVolumes) };
}

/**
 * The volumes that match any of the patterns. What a pattern means does not depend on the others: the definition's names
 * count for those that match no volume otherwise.
 *
 * @throws ReynsError UNKNOWN_VOLUME
 */
export async function chooseVolumes(
  patterns: readonly string[],
  volumes: readonly ObservedVolume[],
  readDeclared: () => Promise<DeclaredVolumes>,
): Promise<readonly ObservedVolume[]> {
  if (patterns.length === 0) return volumes;
  const unmatched = patterns.filter((pattern) => !volumes.some((one) => isMatch(pattern, one)));
  const read = unmatched.length > 0 ? await tryRead(readDeclared) : {};
  for (const pattern of unmatched) checkPattern(pattern, volumes, read);
  return volumes.filter((volume) =>
    patterns.some((pattern) =>
      isMatch(pattern, volume, unmatched.includes(pattern) ? read.declared : undefined),
    ),
  );
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

/** Only the definition says what it calls a volume that has a name of its own. */
async function declaredVolumes(): Promise<DeclaredVolumes> {
  return (await loadProject()).conf.volumes ?? {};
}

interface ReadVolumes {
  readonly declared?: DeclaredVolumes;
  /** Why the definition could not be read. */
  readonly error?: unknown;
}

/** A definition with mistakes is no obstacle to the error of a pattern without a match. */
async function tryRead(readDeclared: () => Promise<DeclaredVolumes>): Promise<ReadVolumes> {
  try {
    return { declared: await readDeclared() };
  } catch (error) {
    return { error };
  }
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
  { declared, error }: ReadVolumes,
): void {
  if (volumes.some((volume) => isMatch(pattern, volume, declared))) return;
  const names = volumes.map(({ shortName }) => shortName);
  const known =
    names.length > 0 ? acceptedHint(pattern, names) : "this project has no volumes here";
  const hint =
    error === undefined
      ? known
      : `${known}; the definition, which may call one so, could not be read: reyns check`;
  throw new ReynsError("UNKNOWN_VOLUME", `no volume "${pattern}"`, { hint, cause: error });
}
