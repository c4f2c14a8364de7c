import { compareStrings } from "../../lib/compare-strings.ts";
import { inspectContainer } from "../../docker/containers/containers.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { isPublished, type ObservedInstance, type ObservedMount } from "../../model/observed.ts";
import { secretName } from "../../model/secret-names.ts";
import { splitOnce } from "../../lib/split-once.ts";

/** Details of an instance that the list does not contain. */
export interface InstanceDescription {
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly ObservedMount[];
  /** Networks that it is in, and its address in each. */
  readonly networks: readonly { readonly name: string; readonly address: string }[];
  /** Names in its hosts file. */
  readonly links: readonly { readonly name: string; readonly address: string }[];
  /** Names that are registered in the DNS. */
  readonly names: readonly { readonly name: string; readonly address: string }[];
  /** Name of the conf that it was started with. */
  readonly definedIn: string | null;
}

/** Inspects an instance; secrets are masked. */
export async function describeInstance(
  engine: Engine,
  instance: ObservedInstance,
): Promise<InstanceDescription> {
  const details = await inspectContainer(engine, instance.id);
  const isSecret = (name: string): boolean =>
    instance.secrets.includes(name) || secretName.test(name);
  // The Engine does not have their values.
  const secrets = Object.fromEntries(instance.secrets.map((name) => [name, ""]));
  const environment = Object.entries({ ...secrets, ...details?.env }).filter(
    ([name]) => !name.startsWith("REYNS_"),
  );
  return {
    environment: Object.fromEntries(
      environment
        .toSorted(([a], [b]) => compareStrings(a, b))
        .map(([name, value]) => [name, isSecret(name) ? "********" : value]),
    ),
    mounts: details?.mounts ?? [],
    networks: Object.entries(details?.networks ?? {}).map(([name, address]) => ({ name, address })),
    links: (details?.extraHosts ?? []).map(parseExtraHost),
    names: registeredNames(instance),
    definedIn: instance.conf ?? null,
  };
}

/** Lists the mounts of each instance. */
export async function observeMounts(
  engine: Engine,
  instances: readonly ObservedInstance[],
): Promise<(readonly ObservedMount[])[]> {
  const inspected = await Promise.all(instances.map(({ id }) => inspectContainer(engine, id)));
  return inspected.map((details) => details?.mounts ?? []);
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
