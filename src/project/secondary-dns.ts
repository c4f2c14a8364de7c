import { dnsVariables, primaryVariable, readDnsSettings } from "../model/dns-settings.ts";
import { toValidName } from "../model/host-names.ts";
import { addressOf, nodesOf, type ProjectNode } from "../model/nodes.ts";
import {
  defineInstance,
  type Conf,
  type EnvValue,
  type InstanceDefinition,
} from "../model/project.ts";
import { spansNodes } from "../model/spanning.ts";

const dnsService = "reyns-dns";

/** What belongs to the machine of the first DNS alone. */
const ownVariables = new Set(["SERVICE_IP", "PUBLISH_ON_IP", "REYNS_ADDRESS"]);

/** Adds a secondary DNS for each machine that runs something, and has no DNS, unless the first one declines that. */
export function withSecondaries(conf: Conf): Conf {
  const { instances } = conf;
  const primary = instances.find(({ service }) => service === dnsService);
  const nodes = nodesOf(conf);
  const home = nodes.find(({ name }) => name === primary?.group);
  const first = home && addressFor(home, conf);
  if (!primary || !first || conf.isIncomplete || declines(primary)) return conf;
  const isSpanning = spansNodes(conf);
  // Other machines do not reach a DNS in the host's network from theirs.
  if (isSpanning && primary.properties.nethost) return conf;
  const isWithout = ({ name }: ProjectNode): boolean =>
    instances.some(({ group }) => group === name) &&
    !instances.some(({ group, service }) => group === name && service === dnsService);
  const bare = nodes.filter(isWithout).map(({ name }) => name);
  if (bare.length === 0) return conf;
  const taken = instances.flatMap(({ service, instance = "" }) =>
    service === dnsService ? instance : [],
  );
  const added = [...freeNames(bare, taken)].map(([group, instance]) =>
    secondaryOn({ group, instance }, primary, { first, publishPorts: !isSpanning }),
  );
  const all = instances.flatMap((one) => (one === primary ? [withOthers(primary), ...added] : one));
  return { ...conf, instances: all };
}

/** Where others find the first DNS: at its machine, or in their network, at the address that the plan settles. */
function addressFor(home: ProjectNode, conf: Conf): EnvValue | undefined {
  if (spansNodes(conf)) return { kind: "variable", name: "DNS_SERVICE_IP", text: "" };
  const text = addressOf(home);
  return text === undefined ? undefined : { kind: "text", text };
}

function declines({ env }: InstanceDefinition): boolean {
  const value = env[dnsVariables.secondaries];
  if (!value || !("text" in value)) return false;
  return readDnsSettings({ [dnsVariables.secondaries]: value.text }).secondaries === false;
}

/** Instances have the settings of the DNS: so they look for the others. */
function withOthers(dns: InstanceDefinition): InstanceDefinition {
  const env = { ...dns.env, [dnsVariables.secondaries]: { kind: "text", text: "true" } as const };
  return { ...dns, env };
}

/** A name of an instance for each node: its own, or with a number where another instance has that. */
function freeNames(nodes: readonly string[], taken: readonly string[]): Map<string, string> {
  const used = new Set(taken);
  const names = nodes.map((node) => {
    const name = toValidName(node);
    let free = name;
    for (let number = 2; used.has(free); number++) free = `${name}-${number}`;
    used.add(free);
    return [node, free] as const;
  });
  return new Map(names);
}

function secondaryOn(
  place: { readonly group: string; readonly instance: string },
  primary: InstanceDefinition,
  { first, publishPorts }: { readonly first: EnvValue; readonly publishPorts: boolean },
): InstanceDefinition {
  const { service, image, build, runtime = {}, autorun, at, instanceType = "standard" } = primary;
  const env = Object.entries(primary.env).filter(([variable]) => !ownVariables.has(variable));
  return withOthers(
    defineInstance({
      ...{ service, image, build, runtime, autorun, at, instanceType, ...place },
      env: { ...Object.fromEntries(env), [primaryVariable]: first },
      properties: { ...primary.properties, publishPorts },
    }),
  );
}
