import { defineCommand } from "citty";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson } from "../../../ui/output/print.ts";
import { withSlowNotice } from "../../../ui/progress/slow-notice.ts";
import {
  lookupToJson,
  formatLookup,
  zoneEntryToJson,
  formatZone,
} from "../../../ui/views/dns-zone.ts";
import { createDnsAccess, type DnsAccess } from "../../../runtime/dns/client.ts";
import {
  isAnswering,
  isFound,
  listZone,
  traceLookup,
  type LookupAttempt,
  type ZoneEntry,
} from "../../../runtime/dns/zone.ts";
import { ReynsError } from "../../../errors.ts";
import { findDnsServers } from "../../../plan/resolve/dns-server.ts";
import { keysFolder } from "../../../model/resource-names.ts";
import { readHostValues } from "../../../project/host-conf.ts";
import { listInstances } from "../../common/context.ts";
import { hostInterfaces } from "../../../runtime/host/interfaces.ts";
import { watchDns } from "./watch.ts";
import type { DnsServer } from "../../../model/observed.ts";

export const examples: Examples = [
  ["reyns dns", "all names and their owners"],
  ["reyns dns web-one", "traces a lookup, as a service would make it"],
  ["reyns dns 10.254.0.12", "finds the name of an address"],
  ["reyns dns watch", "removes names as soon as their instance dies"],
];

export const command = defineCommand({
  meta: {
    name: "dns",
    description:
      "Lists the names in the project's DNS with their owners. With a name, looks it up as a service would, and traces the lookup.",
  },
  args: {
    name: {
      type: "positional",
      required: false,
      valueHint: "HOST",
      description: "A host, a service, any other name, or an address",
    },
    watch: {
      type: "boolean",
      description: "Keep running, and remove an instance's names as soon as it dies",
    },
    json: args.json,
  },
  run: async ({ args: { name, watch = false, json = false } }) => {
    if (watch) rejectWithWatch({ name, json });
    const { engine, place, project, instances } = await listInstances();
    const hostConf = readHostValues(place);
    const sources = { caller: process.env, hostConf, interfaces: hostInterfaces() };
    const servers = findDnsServers(instances, sources);
    const dns = createDnsAccess(engine, { origin: place.origin, keysFolder: keysFolder(place) });
    if (watch) return watchDns({ engine, project, dns, instances });
    const server = await withSlowNotice("asking the DNS", chooseAnswering(servers, dns));
    if (name !== undefined) return showLookup(name, server, dns, json);
    const entries = await withSlowNotice("asking the DNS", listZone(server, dns));
    if (json) return printJson(entries.map(zoneEntryToJson));
    if (entries.length === 0) return log.info(`${server.zone} has no names yet`);
    print(formatZone(entries));
  },
});

/** The first DNS, or a secondary one while that does not answer. */
async function chooseAnswering(
  [first, ...others]: readonly [DnsServer, ...DnsServer[]],
  dns: DnsAccess,
): Promise<DnsServer> {
  const answers = async ({ server }: DnsServer): Promise<boolean> =>
    isAnswering(server, (await dns.to(server)).dial);
  if (others.length === 0 || (await answers(first))) return first;
  for (const other of others) {
    if (!(await answers(other))) continue;
    const who = `${other.host} at ${other.server}, a secondary DNS, answers in its place`;
    log.warn(`the DNS at ${first.server} does not answer: ${who}`);
    return other;
  }
  return first;
}

function rejectWithWatch(others: {
  readonly name: string | undefined;
  readonly json: boolean;
}): void {
  const keys = Object.entries(others).flatMap(([key, value]) => (value ? key : []));
  if (keys.length === 0) return;
  const message = `watch cannot be combined with ${keys.join(" or ")}`;
  throw new ReynsError("INVALID_VALUE", message, { hint: "leave one of them out" });
}

/** Prints a lookup; the exit status is 1 when nothing is found, as with other lookup tools. */
async function showLookup(
  name: string,
  server: DnsServer,
  dns: DnsAccess,
  json: boolean,
): Promise<number> {
  const attempts = await withSlowNotice("asking the DNS", traceLookup(name, server, dns));
  const last = attempts.at(-1);
  const holders = last ? await findHolders(last, server, dns) : [];
  const lookup = { name, place: server, attempts, holders };
  if (json) printJson(lookupToJson(lookup));
  else print(formatLookup(lookup));
  return last && isFound(last) ? 0 : 1;
}

/** Finds the entries whose leases led to an answer. A node with other keys can look up names, but not list the zone. */
async function findHolders(
  { name, addresses, names, rcode }: LookupAttempt,
  server: DnsServer,
  dns: DnsAccess,
): Promise<ZoneEntry[]> {
  if (rcode === undefined) return [];
  const answered = new Set([name, ...names]);
  try {
    const entries = await listZone(server, dns);
    return entries.filter(({ name: entryName, service, lease }) => {
      const isNamed = [entryName, service].some((label) => answered.has(`${label}.${server.zone}`));
      return lease && isNamed && (names.length > 0 || addresses.includes(lease.address));
    });
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    log.warn(`the owner of the name is unknown: ${error.message}`);
    return [];
  }
}
