import type { ComposeFile } from "../compose-file.ts";
import { toList, type MappedOptions, type ServiceContext } from "./context.ts";
import { serviceName } from "./names.ts";

/** `links: ["db:database"]` */
interface Link {
  readonly index: number;
  readonly service: string;
  readonly name: string;
}

/** A service's own name resolves anyway. */
function namedLinks(links: readonly string[] = []): Link[] {
  return links.flatMap((link, index) => {
    const [service = "", name = service] = link.split(":");
    return name === service ? [] : [{ index, service, name }];
  });
}

/** Another name in this container alone. In Compose as well, it needs a network that both are in. */
export function mapLinks(links: readonly string[], context: ServiceContext): MappedOptions {
  const { file, name } = context;
  const linked = namedLinks(links).filter(({ service }) =>
    commonNetworks(name, service, file).some((network) => isPlanned(network, file)),
  );
  if (linked.length === 0) return {};
  const mapped = linked.map((link) => ({
    path: ["links", link.index],
    value: { name: link.name, target: { service: serviceName(link.service), instance: null } },
  }));
  return { links: toList("links", mapped, context) };
}

/** The names of links to a service in a network where the Engine chooses its address: only aliases lead to it there. */
export function linkAliases(target: string, network: string, file: ComposeFile): string[] {
  if (isPlanned(network, file)) return [];
  const names = Object.entries(file.services).flatMap(([from, { links }]) =>
    namedLinks(links).flatMap(({ service, name }) => {
      if (service !== target) return [];
      const common = commonNetworks(from, target, file);
      const isOnlyHere = common.every((other) => !isPlanned(other, file));
      return isOnlyHere && common.includes(network) ? [name] : [];
    }),
  );
  return [...new Set(names)];
}

function commonNetworks(one: string, other: string, { services }: ComposeFile): string[] {
  const networksOf = (name: string): string[] => Object.keys(services[name]?.networks ?? {});
  const others = new Set(networksOf(other));
  return networksOf(one).filter((network) => others.has(network));
}

/** Reyns plans the addresses of its own networks. */
function isPlanned(network: string, { networks = {} }: ComposeFile): boolean {
  const { external = false, driver = "bridge" } = networks[network] ?? {};
  return !external && driver === "bridge";
}
