import { isRecord } from "../../../lib/is-record.ts";
import { stableJson } from "../../../lib/stable-json.ts";
import { hostNameOf } from "../../../model/host-names.ts";
import type { Conf, InstanceDefinition } from "../../../model/project.ts";
import type { ProjectPlace } from "../../../project/locate.ts";

/** Hosts by the conf that started them. */
type Started = ReadonlyMap<string, readonly string[]>;

/**
 * The confs that run here, without those all of whose instances another of them defines alike: an instance that has not
 * been replaced since another conf ran is still labelled with its first one.
 *
 * @param last the conf that ran last; of two that define the same, it stays
 */
export async function findDistinctConfs(
  started: Started,
  last: string | undefined,
  place: ProjectPlace,
): Promise<string[]> {
  const { confNames, inspectProject } = await import("../../../project/read.ts");
  const defined = new Set(await confNames(place));
  const names = [...started.keys()].filter((name) => defined.has(name));
  const confs = await Promise.all(
    names.map(async (name) => (await inspectProject(place, process.env, name)).project.conf),
  );
  return distinctConfs(started, confs, last);
}

/** @param confs those of them that are still defined */
export function distinctConfs(
  started: Started,
  confs: readonly Pick<Conf, "name" | "instances">[],
  last: string | undefined,
): string[] {
  const definitions = new Map(confs.map((conf) => [conf.name, definitionsOf(conf)]));
  const distinct = new Set(started.keys());
  const isCovered = (conf: string, hosts: readonly string[]): boolean =>
    [...distinct].some((other) => {
      const texts = hosts.map((host) => definitions.get(conf)?.get(host));
      const others = hosts.map((host) => definitions.get(other)?.get(host));
      return other !== conf && texts.every((text, at) => text !== undefined && text === others[at]);
    });
  const lastAtEnd = [...started].toSorted(([a], [b]) => Number(a === last) - Number(b === last));
  for (const [conf, hosts] of lastAtEnd) if (isCovered(conf, hosts)) distinct.delete(conf);
  return [...distinct];
}

/** Host name -> its definition, as text. */
function definitionsOf({ instances }: Pick<Conf, "instances">): Map<string, string> {
  return new Map(
    instances.flatMap((definition) =>
      definition.instance === undefined
        ? []
        : [[hostNameOf(definition.service, definition.instance), textOf(definition)]],
    ),
  );
}

/** Without the places in its file, which differ where the same is written twice. */
function textOf(definition: InstanceDefinition): string {
  const text = JSON.stringify(definition, (key, value: unknown) =>
    key === "at" && isRecord(value) ? undefined : value,
  );
  return stableJson(JSON.parse(text));
}
