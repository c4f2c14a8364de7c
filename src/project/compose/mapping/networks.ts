import { withoutUndefined } from "../../../lib/without-undefined.ts";
import type { IpamOptions, NetworkInput, NetworkOptions } from "../../../api/network.ts";
import { ownNetwork } from "../../../model/resource-names.ts";
import type { ComposeFile, ComposeService } from "../compose-file.ts";
import type { ComposeAttachment, ComposeNetwork } from "../compose-resources.ts";
import { toList, type MappedOptions, type Refusals, type ServiceContext } from "./context.ts";
import { linkAliases } from "./links.ts";
import { extraNames } from "./names.ts";

/** The networks that a service is in. */
export function mapNetworks(
  networks: NonNullable<ComposeService["networks"]>,
  context: ServiceContext,
): MappedOptions {
  const { file, name, service } = context;
  const names = extraNames(name, service.container_name);
  // Of networks with one priority, Compose takes the first by its name.
  const mapped = Object.entries(networks)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([network, use]) => {
      const known = [...names, ...linkAliases(name, network, file)];
      return { path: ["networks", network], value: attachment(network, use ?? {}, known) };
    });
  const uses = toList("networks", mapped, context);
  const isPlain = uses.length === 1 && uses[0] === ownNetwork;
  return isPlain || uses.length === 0 ? {} : { networks: uses };
}

/** How a service without `networks` is in the default one. */
export function defaultAttachment(context: ServiceContext): MappedOptions {
  const { service } = context;
  if (service.network_mode !== undefined || service.networks) return {};
  return mapNetworks({ [ownNetwork]: null }, context);
}

function attachment(
  network: string,
  use: ComposeAttachment,
  names: readonly string[],
): NetworkInput {
  const aliases = [...names, ...(use.aliases ?? [])];
  const options = withoutUndefined({
    aliases: aliases.length === 0 ? undefined : aliases,
    ipv4: use.ipv4_address,
    ipv6: use.ipv6_address,
    mac: use.mac_address,
    priority: use.priority,
    linkLocalIps: use.link_local_ips,
    driverOpts: use.driver_opts,
    gwPriority: use.gw_priority,
    interfaceName: use.interface_name,
  });
  return Object.keys(options).length === 0 ? network : { network, ...options };
}

/** The networks of the file that have to be declared. */
export function declaredNetworks(
  file: ComposeFile,
  refusals: Refusals,
): Readonly<Record<string, NetworkOptions>> {
  const declared = Object.entries(file.networks ?? {}).flatMap(([key, network]) => {
    if (network.enable_ipv4 === false)
      refusals.add({
        field: "networks.enable_ipv4",
        path: ["networks", key, "enable_ipv4"],
        message: `enable_ipv4: false of the network ${key} is not supported`,
      });
    const options = networkOptions(key, network, file.name);
    // Every project has the default one.
    const isPlain = key === ownNetwork && Object.keys(options).length === 0;
    return isPlain ? [] : [[key, options] as const];
  });
  return Object.fromEntries(declared);
}

/** A network is called PROJECT_KEY in Compose unless the file says otherwise. */
function networkOptions(key: string, network: ComposeNetwork, project: string): NetworkOptions {
  const { name, external, driver, driver_opts: driverOpts, internal, attachable } = network;
  if (external === true) return { external, ...(name === key ? {} : { name }) };
  return withoutUndefined<NetworkOptions>({
    name: name === `${project}_${key}` ? undefined : name,
    driver: driver === "bridge" ? undefined : driver,
    driverOpts,
    internal: internal === true ? true : undefined,
    attachable: attachable === true ? true : undefined,
    enableIpv6: network.enable_ipv6 === true ? true : undefined,
    ipam: ipamOptions(network.ipam),
    labels: network.labels,
  });
}

function ipamOptions({ driver, config, options }: ComposeNetwork["ipam"]): IpamOptions | undefined {
  const pools = config?.map(({ subnet, gateway, ip_range: ipRange, aux_addresses: auxAddresses }) =>
    withoutUndefined({ subnet, gateway, ipRange, auxAddresses }),
  );
  const given = withoutUndefined<IpamOptions>({
    driver: driver === "default" ? undefined : driver,
    config: pools,
    options,
  });
  return Object.keys(given).length === 0 ? undefined : given;
}
