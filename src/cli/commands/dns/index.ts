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
  isFound,
  listZone,
  traceLookup,
  type LookupAttempt,
  type ZoneEntry,
} from "../../../runtime/dns/zone.ts";
import { ReynsError } from "../../../errors.ts";
import { findDnsServer } from "../../../plan/resolve/dns-server.ts";
import { keysFolder } from "../../../model/resource-names.ts";
import { readHostConf } from "../../../project/host-conf.ts";
import { listInstances } from "../../shared/context.ts";
import { hostInterfaces } from "../../shared/host-addresses.ts";
import { watchDns } from "./watch.ts";
import type { DnsServer } from "../../../model/observed.ts";

export const examples: Examples = [
  ["reyns dns", "every name, and whose it is"],
  ["reyns dns web-one", "asks for a name as a service would"],
  ["reyns dns 10.254.0.12", "which name an address has"],
  ["reyns dns watch", "takes out at once what dies"],
];

export const command = defineCommand({
  meta: {
    name: "dns",
    description:
      "Lists the names that the project's DNS knows; with a name, asks for it as a service would and shows the way that the answer took.",
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
      description: "Stay, and take the names of an instance out the moment it dies",
    },
    json: args.json,
  },
  run: async ({ args: { name, watch, json } }) => {
    refuseTogether({ name: args.given(name), watch, json });
    const { engine, place, project, instances } = await listInstances();
    const hostConf = readHostConf(place.folder);
    const sources = { caller: process.env, hostConf, interfaces: hostInterfaces() };
    const found = findDnsServer(instances, sources);
    const dns = createDnsAccess(engine, { folder: place.folder, keysFolder: keysFolder(place) });
    if (watch) return watchDns({ engine, project, dns, instances });
    const wanted = args.given(name);
    if (wanted !== undefined) return showName(wanted, found, dns, json ?? false);
    const entries = await withSlowNotice("asking the DNS", listZone(found, dns));
    if (json) return printJson(entries.map(zoneEntryToJson));
    if (entries.length === 0) return log.info(`no name stands in ${found.zone}`);
    print(formatZone(entries));
  },
});

function refuseTogether(given: Readonly<Record<string, unknown>>): void {
  if (!given["watch"]) return;
  const others = ["name", "json"].filter((key) => given[key]);
  if (others.length === 0) return;
  const message = `watch goes without ${others.join(" and ")}: it shows what happens to all, as it happens`;
  throw new ReynsError("INVALID_VALUE", message, { hint: "leave one of them out" });
}

/** Exit status 1 when nothing is found, as of other tools that look names up. */
async function showName(
  name: string,
  place: DnsServer,
  dns: DnsAccess,
  json: boolean,
): Promise<number> {
  const attempts = await withSlowNotice("asking the DNS", traceLookup(name, place, dns));
  const last = attempts.at(-1);
  const holders = last ? await holdersOf(last, place, dns) : [];
  const shown = { name, place, attempts, holders };
  if (json) printJson(lookupToJson(shown));
  else print(formatLookup(shown));
  return last && isFound(last) ? 0 : 1;
}

/** Whose leases an answer follows from. A node with another key can ask as well, only not look behind it. */
async function holdersOf(
  { name, addresses, names, rcode }: LookupAttempt,
  place: DnsServer,
  dns: DnsAccess,
): Promise<ZoneEntry[]> {
  if (rcode === undefined) return [];
  const asked = new Set([name, ...names]);
  try {
    const entries = await listZone(place, dns);
    return entries.filter(({ name: own, service, lease }) => {
      const isMeant = [own, service].some((one) => asked.has(`${one}.${place.zone}`));
      return lease && isMeant && (names.length > 0 || addresses.includes(lease.address));
    });
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    log.warn(`who has the name is not known: ${error.message}`);
    return [];
  }
}
