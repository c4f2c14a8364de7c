import * as v from "valibot";
import { splitOnce } from "../lib/split-once.ts";
import { withoutUndefined } from "../lib/without-undefined.ts";
import type { NetworkUse } from "../model/networks.ts";
import type { NetworkMode } from "../model/project.ts";
import { nonEmptyString, strictObject } from "../model/value-schemas.ts";
import { record, recordOf, strings } from "./field-schemas.ts";
import { isHandle, toTarget, type ServiceHandle, type TargetInput } from "./link.ts";
import { isNetworkHandle, type NetworkHandle } from "./network.ts";

const name = v.union([
  nonEmptyString,
  v.pipe(
    v.custom<NetworkHandle>(isNetworkHandle, "a network's name, or what network() returned"),
    v.transform(({ network }) => network),
  ),
]);

const wholeNumber = v.pipe(v.number(), v.integer("a whole number"));
const linkLocal = /^(?:169\.254(?:\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){2}|fe80::[\da-f:]+)$/i;
const linkLocalForm = 'a link-local address such as "169.254.8.8"';
const interfaceForm = 'the name of an interface, at most 15 characters, such as "eth1"';

const attachmentParts = strictObject({
  network: name,
  aliases: v.optional(strings, []),
  ipv4: v.optional(v.pipe(v.string(), v.ipv4("an IPv4 address"))),
  ipv6: v.optional(v.pipe(v.string(), v.ipv6("an IPv6 address"))),
  mac: v.optional(v.pipe(v.string(), v.mac48('an address such as "02:42:ac:11:00:09"'))),
  priority: v.optional(wholeNumber),
  linkLocalIps: v.optional(v.array(v.pipe(v.string(), v.regex(linkLocal, linkLocalForm)))),
  driverOpts: v.optional(record),
  gwPriority: v.optional(wholeNumber),
  interfaceName: v.optional(v.pipe(v.string(), v.regex(/^[^\s/:]{1,15}$/, interfaceForm))),
});

/** The keys of how an instance is in a network. */
export const attachmentKeys = Object.keys(attachmentParts.entries);

const attachment = v.pipe(
  v.unknown(),
  v.transform((given) => (typeof given === "string" ? { network: given } : given)),
  attachmentParts,
  v.transform(({ network, aliases, ...others }): NetworkUse => ({
    network,
    aliases,
    ...withoutUndefined(others),
  })),
);

export const networks = v.pipe(
  v.array(attachment, 'a list: ["default", { network: "back", aliases: ["db"] }]'),
  v.nonEmpty('a list that is not empty; to be in no network: networkMode: "none"'),
);

const modeForm =
  '"host", "none", "service:NAME", "container:NAME", or the return value of service()';

export const networkMode = v.union(
  [
    v.literal("host"),
    v.pipe(
      v.literal("none"),
      v.transform((): NetworkMode => ({ kind: "none" })),
    ),
    v.pipe(
      v.string(),
      v.regex(/^(?:service:.+|container:[\w.-]+)$/, modeForm),
      v.transform((given): NetworkMode => {
        const [kind, target] = splitOnce(given, ":");
        return kind === "container" ? { kind, name: target } : sharedWith(target);
      }),
    ),
    v.pipe(
      v.custom<ServiceHandle>(isHandle, modeForm),
      v.transform((handle) => sharedWith(handle)),
    ),
  ],
  modeForm,
);

/** The host's network is a property of instances, which older confs have, too. */
export function hostNetwork(mode: NetworkMode | "host" | undefined): { nethost?: boolean } {
  return mode === "host" ? { nethost: true } : {};
}

function sharedWith(target: TargetInput): NetworkMode {
  return { kind: "instance", target: toTarget(target) };
}

const address = v.pipe(v.string(), v.ip("an IP address"));
const subnet = v.pipe(
  v.string(),
  v.regex(/^[\da-fA-F.:]+\/\d{1,3}$/, 'a subnet such as "10.9.0.0/24"'),
);

const pool = strictObject({
  subnet: v.optional(subnet),
  gateway: v.optional(address),
  ipRange: v.optional(subnet),
  auxAddresses: v.optional(recordOf(address, '{ NAME: "ADDRESS" }')),
});

const ipam = strictObject({
  driver: v.optional(nonEmptyString),
  config: v.optional(v.array(pool, '[{ subnet: "10.9.0.0/24" }]')),
  options: v.optional(record),
});

/** The options of `network()`. */
export const networkOptions = strictObject({
  external: v.optional(v.boolean(), false),
  name: v.optional(nonEmptyString),
  internal: v.optional(v.boolean()),
  driver: v.optional(nonEmptyString),
  driverOpts: v.optional(record),
  ipam: v.optional(ipam),
  attachable: v.optional(v.boolean()),
  enableIpv6: v.optional(v.boolean()),
  labels: v.optional(record),
});

/** Accepted keys of the objects in them. */
export const networkKeys = {
  ipam: Object.keys(ipam.entries),
  "ipam.config": Object.keys(pool.entries),
};
