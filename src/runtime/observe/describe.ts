import { compareStrings } from "../../lib/compare-strings.ts";
import { inspectContainer } from "../../docker/containers/containers.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { isPublished, type ObservedInstance, type ObservedMount } from "../../model/observed.ts";
import { secretName } from "../../model/secret-names.ts";
import { splitOnce } from "../../lib/split-once.ts";

/** What the listing does not tell of an instance. */
export interface InstanceDescription {
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly ObservedMount[];
  /** Names in its own hosts file. */
  readonly links: readonly { readonly name: string; readonly address: string }[];
  /** Names under which a DNS knows it. */
  readonly names: readonly { readonly name: string; readonly address: string }[];
  /** Name of the conf that it was run with. */
  readonly definedIn: string | null;
}

/** Everything that is known of an instance beyond its listing, with secrets masked. */
export async function describeInstance(
  engine: Engine,
  instance: ObservedInstance,
): Promise<InstanceDescription> {
  const details = await inspectContainer(engine, instance.id);
  const isSecret = (name: string): boolean =>
    instance.secrets.includes(name) || secretName.test(name);
  // The Engine has no value of what it was not told, and none is looked for.
  const kept = Object.fromEntries(instance.secrets.map((name) => [name, ""]));
  const environment = Object.entries({ ...kept, ...details?.env }).filter(
    ([name]) => !name.startsWith("REYNS_"),
  );
  return {
    environment: Object.fromEntries(
      environment
        .toSorted(([one], [other]) => compareStrings(one, other))
        .map(([name, value]) => [name, isSecret(name) ? "********" : value]),
    ),
    mounts: details?.mounts ?? [],
    links: (details?.extraHosts ?? []).map(parseExtraHost),
    names: registeredNames(instance),
    definedIn: instance.conf ?? null,
  };
}

/** What each of the instances has mounted. */
export async function observeMounts(
  engine: Engine,
  instances: readonly ObservedInstance[],
): Promise<(readonly ObservedMount[])[]> {
  const all = await Promise.all(instances.map(({ id }) => inspectContainer(engine, id)));
  return all.map((details) => details?.mounts ?? []);
}

function parseExtraHost(line: string): { name: string; address: string } {
  const [name, address] = splitOnce(line, ":");
  return { name, address };
}

function registeredNames({
  registered,
  host,
  service,
}: ObservedInstance): { name: string; address: string }[] {
  if (!isPublished(registered)) return [];
  return [host, service].map((name) => ({
    name: `${name}.${registered.zone}`,
    address: registered.address,
  }));
}
