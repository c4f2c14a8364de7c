import { inside, ReynsError } from "../errors.ts";
import { acceptedHint } from "../lib/suggest.ts";
import { definedHostOf } from "../model/host-names.ts";
import type { Conf, InstanceDefinition, Target } from "../model/project.ts";
import { volumeParts, type ParsedVolume, type VolumesFrom } from "../model/volume-syntax.ts";

interface ConfWithVolumes {
  readonly conf: Conf;
  readonly errors: readonly ReynsError[];
}

/** Gives each instance the volumes of those that its `volumesFrom` names; its own come first at the same path. */
export function resolveVolumesFrom(conf: Conf): ConfWithVolumes {
  if (conf.instances.every(({ volumesFrom = [] }) => volumesFrom.length === 0))
    return { conf, errors: [] };
  const errors = conf.instances.flatMap((instance) => mistakesIn(instance, conf));
  const instances = conf.instances.map((instance) => withVolumes(instance, conf));
  return { conf: { ...conf, instances }, errors };
}

function withVolumes(definition: InstanceDefinition, conf: Conf): InstanceDefinition {
  const { volumesFrom = [], volumes, after } = definition;
  if (volumesFrom.length === 0) return definition;
  const taken = new Set(pathsOf(definition));
  const inherited = inheritedBy(definition, conf, []).filter(({ target }) => !taken.has(target));
  return {
    ...definition,
    volumes: [...volumes, ...inherited],
    after: [
      ...after,
      ...volumesFrom.flatMap((from) => (waitsFor(after, sourceOf(from, conf)) ? [] : from.target)),
    ],
    volumesFrom: volumesFrom.map((from) => {
      const source = sourceOf(from, conf);
      return source ? { ...from, host: definedHostOf(source) } : from;
    }),
  };
}

function waitsFor(after: readonly Target[], source: InstanceDefinition | undefined): boolean {
  return after.some(
    (other) =>
      "service" in other &&
      other.service === source?.service &&
      (other.instance === null || other.instance === source.instance),
  );
}

/** Paths at which it has something of its own. */
function pathsOf({ volumes, runtime }: InstanceDefinition): string[] {
  const own = volumes.flatMap((volume) => volumeParts(volume)?.target ?? []);
  return [...own, ...Object.keys(runtime?.tmpfs ?? {})];
}

/** What others give it, the first one at each path. @param way instances that are being resolved */
function inheritedBy(
  definition: InstanceDefinition,
  conf: Conf,
  way: readonly InstanceDefinition[],
): ParsedVolume[] {
  const found = new Map<string, ParsedVolume>();
  for (const from of definition.volumesFrom ?? []) {
    const source = sourceOf(from, conf);
    if (!source || source === definition || way.includes(source)) continue;
    const own = source.volumes.flatMap((volume) => shareable(volume, definedHostOf(source)));
    for (const volume of [...own, ...inheritedBy(source, conf, [...way, definition])])
      if (!found.has(volume.target))
        found.set(volume.target, { ...volume, readOnly: volume.readOnly || from.readOnly });
  }
  return [...found.values()];
}

/** Folders in memory, and temporary volumes, are a container's own. */
function shareable(volume: string | ParsedVolume, owner: string): ParsedVolume[] {
  const parts = volumeParts(volume);
  if (!parts || parts.type === "tmpfs" || parts.source.startsWith("$TEMP_VOLUME")) return [];
  return [parts.type === "volume" && parts.source === "" ? { owner, ...parts } : parts];
}

function sourceOf({ target }: VolumesFrom, { instances }: Conf): InstanceDefinition | undefined {
  return instances.find(
    ({ service, instance }) =>
      service === target.service && (target.instance === null || target.instance === instance),
  );
}

function mistakesIn(definition: InstanceDefinition, conf: Conf): ReynsError[] {
  const { volumesFrom = [], at } = definition;
  return volumesFrom.flatMap((from, index) => {
    const source = sourceOf(from, conf);
    const name = from.target.service;
    const invalid = (message: string, hint: string): ReynsError =>
      new ReynsError("INVALID_PROJECT", message, { hint, at: inside(at, "volumesFrom", index) });
    if (source === definition)
      return invalid("volumesFrom points to the instance itself", "name another instance");
    if (source) return [];
    const names = conf.instances.map(({ service }) => service);
    return invalid(`volumesFrom: no instance of "${name}" is defined`, acceptedHint(name, names));
  });
}
