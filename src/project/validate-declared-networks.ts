import ipaddr from "ipaddr.js";
import { inside, ReynsError } from "../errors.ts";
import type { AddressPool, NetworkDefinition } from "../model/networks.ts";

type Networks = Readonly<Record<string, NetworkDefinition>>;

/** A mistake, and the key that it is at. */
interface Mistake {
  readonly message: string;
  readonly hint: string;
  readonly path: readonly (string | number)[];
}

/** Checks the options of each network() against each other. */
export function checkDeclaredNetworks(networks: Networks): ReynsError[] {
  return Object.entries(networks).flatMap(([name, definition]) => {
    const { at } = definition;
    const mistakes = [
      ...externalMistakes(definition),
      ...driverMistakes(definition),
      ...sharedName(name, networks),
      ...(definition.ipam?.config ?? []).flatMap((pool, index) =>
        poolMistakes(pool, index, definition),
      ),
    ];
    return mistakes.map(
      ({ message, hint, path }) =>
        new ReynsError("INVALID_PROJECT", `${name}: ${message}`, {
          hint,
          at: at && inside(at, ...path),
        }),
    );
  });
}

/** What is there already has its settings. */
function externalMistakes(definition: NetworkDefinition): Mistake[] {
  if (!definition.external) return [];
  return Object.entries(definition)
    .filter(([key, value]) => value !== undefined && !["external", "name", "at"].includes(key))
    .map(([key]) => ({
      message: `an external network has no ${key}`,
      hint: "leave it out, or leave out external: Reyns creates the network then",
      path: [key],
    }));
}

function driverMistakes({ driver = "" }: NetworkDefinition): Mistake[] {
  if (!["host", "none", "null"].includes(driver)) return [];
  const hint = 'write networkMode: "host" or "none" in the instance';
  return [{ message: `no network can be made with the driver ${driver}`, hint, path: ["driver"] }];
}

function sharedName(name: string, networks: Networks): Mistake[] {
  const own = networks[name]?.name;
  if (own === undefined) return [];
  const [first] = Object.entries(networks).find(([, { name: other }]) => other === own) ?? [];
  if (first === name) return [];
  const hint = "declare it once";
  return [{ message: `the network ${first} has this name already`, hint, path: ["name"] }];
}

function poolMistakes(
  { subnet, gateway, ipRange, auxAddresses = {} }: AddressPool,
  index: number,
  { enableIpv6 }: NetworkDefinition,
): Mistake[] {
  const path = ["ipam", "config", index];
  if (subnet === undefined) {
    if (gateway === undefined && ipRange === undefined) return [];
    const hint = 'add subnet: "10.9.0.0/24"';
    return [{ message: "a range of addresses has no subnet", hint, path }];
  }
  const range = parseCidr(subnet);
  const accepted = 'accepted: a subnet such as "10.9.0.0/24" or "fd00:9::/64"';
  if (!range)
    return [{ message: `${subnet} is no subnet`, hint: accepted, path: [...path, "subnet"] }];
  const isIpv6 = range[0].kind() === "ipv6";
  const outside = (key: string, address: string | undefined): Mistake[] =>
    address === undefined || isInside(address, range)
      ? []
      : [
          {
            message: `${address} is not in ${subnet}`,
            hint: "",
            path: [...path, ...key.split(".")],
          },
        ];
  return [
    ...(isIpv6 && !enableIpv6
      ? [{ message: `${subnet} is IPv6`, hint: "add enableIpv6: true", path: [...path, "subnet"] }]
      : []),
    ...outside("gateway", gateway),
    ...outside("ipRange", ipRange?.split("/")[0]),
    ...Object.entries(auxAddresses).flatMap(([name, address]) =>
      outside(`auxAddresses.${name}`, address),
    ),
  ].map((mistake) =>
    mistake.hint === "" ? { ...mistake, hint: `take one of ${subnet}` } : mistake,
  );
}

type Cidr = ReturnType<typeof ipaddr.parseCIDR>;

function parseCidr(text: string): Cidr | undefined {
  return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
}

function isInside(address: string, range: Cidr): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  return parsed.kind() === range[0].kind() && parsed.match(range);
}
