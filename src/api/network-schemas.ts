import * as v from "valibot";
import type { NetworkUse } from "../model/project.ts";
import { nonEmptyString } from "../model/value-schemas.ts";
import { strings } from "./field-schemas.ts";
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
  }),
  v.transform(({ network, aliases, ipv4, ipv6 }): NetworkUse => ({
    network,
    aliases,
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
  })),
);

export const networks = v.array(attachment, 'a list: ["default", "proxy"]');

/** The options of `network()`. */
export const networkOptions = v.strictObject({
  external: v.literal(true),
  name: v.optional(nonEmptyString),
});
