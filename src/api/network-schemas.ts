import * as v from "valibot";
import { withoutUndefined } from "../lib/without-undefined.ts";
import type { NetworkUse } from "../model/networks.ts";
import type { NetworkMode } from "../model/project.ts";
import { nonEmptyString } from "../model/value-schemas.ts";
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

const attachment = v.pipe(
  v.unknown(),
  v.transform((given) => (typeof given === "string" ? { network: given } : given)),
  v.strictObject({
    network: name,
    aliases: v.optional(strings, []),
    ipv4: v.optional(v.pipe(v.string(), v.ipv4("an IPv4 address"))),
    ipv6: v.optional(v.pipe(v.string(), v.ipv6("an IPv6 address"))),
    mac: v.optional(v.pipe(v.string(), v.mac48('an address such as "02:42:ac:11:00:09"'))),
    priority: v.optional(v.pipe(v.number(), v.integer("a whole number"))),
  }),
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

const modeForm = '"host", "none", "service:NAME", or the return value of service()';

export const networkMode = v.union(
  [
    v.literal("host"),
    v.pipe(
      v.literal("none"),
      v.transform((): NetworkMode => ({ kind: "none" })),
    ),
    v.pipe(
      v.string(),
      v.regex(/^service:./, modeForm),
      v.transform((given) => sharedWith(given.slice("service:".length))),
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

const pool = v.strictObject({
  subnet: v.optional(subnet),
  gateway: v.optional(address),
  ipRange: v.optional(subnet),
  auxAddresses: v.optional(recordOf(address, '{ NAME: "ADDRESS" }')),
});

const ipam = v.strictObject({
  driver: v.optional(nonEmptyString),
  config: v.optional(v.array(pool, '[{ subnet: "10.9.0.0/24" }]')),
  options: v.optional(record),
});

/** The options of `network()`. */
export const networkOptions = v.strictObject({
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
