import { inside, ReynsError } from "../errors.ts";
import { snakeCase } from "../lib/letter-case.ts";
import { definedHostOf } from "../model/host-names.ts";
import type { Conf, InstanceDefinition, Target } from "../model/project.ts";

/** Options that an instance without a network of its own cannot have, with their keys. */
const unusable: readonly {
  readonly key: string;
  readonly isGiven: (definition: InstanceDefinition) => boolean;
  /** Not even an instance without any network. */
  readonly isAlways: boolean;
}[] = [
  { key: "networks", isGiven: ({ networks }) => networks !== undefined, isAlways: true },
  { key: "nethost", isGiven: ({ properties }) => properties.nethost === true, isAlways: true },
  { key: "ports", isGiven: ({ ports }) => ports.length > 0, isAlways: true },
  {
    key: "publishSshOn",
    isGiven: ({ publishSshOn }) => publishSshOn !== undefined,
    isAlways: true,
  },
  { key: "links", isGiven: ({ links }) => links.length > 0, isAlways: true },
  {
    key: "macAddress",
    isGiven: ({ runtime }) => runtime?.macAddress !== undefined,
    isAlways: true,
  },
  { key: "hostname", isGiven: ({ hostname }) => hostname !== undefined, isAlways: false },
  { key: "extraHosts", isGiven: ({ extraHosts = [] }) => extraHosts.length > 0, isAlways: false },
  { key: "dns", isGiven: ({ resolver }) => resolver?.servers !== undefined, isAlways: false },
  { key: "dnsSearch", isGiven: ({ resolver }) => resolver?.search !== undefined, isAlways: false },
  { key: "dnsOpt", isGiven: ({ resolver }) => resolver?.options !== undefined, isAlways: false },
];

/** An instance in the network of another one has its ports and names. */
export function checkNetworkMode(definition: InstanceDefinition, conf: Conf): ReynsError[] {
  const { networkMode, at } = definition;
  if (!networkMode) return [];
  const invalid = (key: string, message: string, hint: string): ReynsError =>
    new ReynsError("INVALID_PROJECT", message, { hint, at: inside(at, key) });
  const isShared = networkMode.kind !== "none";
  // Compose's files spell the options with underscores.
  const spelled = (key: string): string => (conf.isCompose ? snakeCase(key) : key);
  const hint = isShared
    ? `set it on the ${conf.isCompose ? "service" : "instance"} whose network this one shares`
    : "leave it out: it has no network";
  const mistakes = unusable
    .filter(({ isGiven, isAlways }) => (isAlways || isShared) && isGiven(definition))
    .map(({ key }) =>
      invalid(key, `${spelled(key)} cannot stand beside ${spelled("networkMode")}`, hint),
    );
  if (networkMode.kind !== "instance") return mistakes;
  const owner = ownerOf(networkMode.target, conf);
  if (owner === definition)
    return [
      ...mistakes,
      invalid("networkMode", "it points to the instance itself", "name another instance"),
    ];
  if (owner?.networkMode?.kind !== "instance") return mistakes;
  const message = `${definedHostOf(owner)} is in the network of another instance itself`;
  return [...mistakes, invalid("networkMode", message, "point to that one instead")];
}

function ownerOf(target: Target, { instances }: Conf): InstanceDefinition | undefined {
  if ("host" in target) return instances.find((other) => definedHostOf(other) === target.host);
  return instances.find(
    ({ service, instance }) =>
      service === target.service && (target.instance === null || target.instance === instance),
  );
}
