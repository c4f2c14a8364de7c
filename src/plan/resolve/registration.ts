import {
  defaultDnsSettings,
  definesSecondary,
  dnsVariables,
  readDnsSettings,
  type DnsSettings,
} from "../../model/dns-settings.ts";
import { hostNameOf } from "../../model/host-names.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { resolveEnvironment, type EnvironmentSources } from "./environment.ts";
import { swarmOf, type SelectedInstance } from "../select/selection.ts";
import type { LinkTarget } from "./links.ts";
import { isInOwnNetwork } from "./networks.ts";
import type { Observed, ObservedInstance, Registration } from "../../model/observed.ts";
import type { Placed } from "./placement.ts";

type Env = Readonly<Record<string, string>>;

/** The project's own DNS on this Engine, by whichever address it is told of, unless that is another's. */
export function dnsOf(
  { selected, isDns }: Placed,
  env: Env,
  candidates: readonly LinkTarget[],
): LinkTarget | undefined {
  if (isDns || !registers(selected)) return undefined;
  const servers = candidates.filter(({ isDns: serves, isSecondary }) => serves && !isSecondary);
  const told = env["DNS_SERVICE_IP"];
  if (told !== undefined)
    return servers.find(({ address, serviceIp }) => told === address || told === serviceIp);
  return selected.properties.linked ? servers[0] : undefined;
}

/** The secondary DNS of this Engine, for an instance that is registered elsewhere. */
export function secondaryOf(
  { selected, isDns }: Placed,
  candidates: readonly LinkTarget[],
): LinkTarget | undefined {
  if (isDns || !registers(selected)) return undefined;
  return candidates.find(({ isSecondary }) => isSecondary);
}

interface Registering {
  readonly selected: SelectedInstance;
  readonly registered: Registration | undefined;
  readonly project: Pick<Project, "conf">;
  readonly observed: Pick<Observed, "settled">;
}

/**
 * Addresses of the secondary DNS that an instance asks: that of its machine; tasks of Swarm, which run on any machine, ask
 * all in the network that spans them.
 */
export function secondaryAddresses({
  selected,
  registered,
  project: { conf },
  observed: { settled },
}: Registering): string[] {
  if (!registered) return [];
  const { resolver } = registered;
  if (!swarmOf(selected)) return resolver === undefined ? [] : [resolver];
  return conf.instances
    .filter(definesSecondary)
    .flatMap(({ service, instance = "" }) => settled?.get(hostNameOf(service, instance)) ?? []);
}

/** Only in the project's own network does the DNS, and the keeper of leases, see an instance; so does the host. */
function registers(selected: SelectedInstance): boolean {
  return selected.properties.nethost || isInOwnNetwork(selected);
}

/** What an instance registers with, and how. */
export interface RegistrationContext {
  readonly server: string | undefined;
  /** Address of this Engine's secondary DNS. */
  readonly resolver: string | undefined;
  /** What a policy that is not given means. */
  readonly standard: Registration["policy"];
  readonly settings: DnsSettings;
}

/** The zone's own DNS stands in it as well, registered with itself; a secondary one is registered with the first. */
export function registrationOf(
  { selected, address, isDns }: Placed,
  env: Env,
  { server, resolver, standard, settings }: RegistrationContext,
): Registration | undefined {
  const copies = isDns && definesSecondary(selected.definition);
  const own = isDns && !copies ? address : server;
  const near = copies ? address : resolver;
  if (own === undefined || !registers(selected)) return undefined;
  const policy = env["DNS_UPDATE_POLICY"];
  return {
    server: own,
    address: env["SERVICE_IP"] ?? address,
    policy: policy === "REPLACE" || policy === "APPEND" || policy === "HIDE" ? policy : standard,
    ...settings,
    ...(near === undefined ? {} : { resolver: near }),
  };
}

export interface SettingsSources {
  /** Instances that run: a DNS among them serves what it was started with, whatever its definition says by now. */
  readonly instances: readonly ObservedInstance[];
  /** The definitions of the project's DNS: in this plan, or on another node. */
  readonly definitions: readonly InstanceDefinition[];
  readonly sources: EnvironmentSources;
}

/**
 * How the DNS is set up that an instance registers with: as that DNS runs, else as it is defined; what the instance
 * itself is told comes first.
 */
export function dnsSettingsOf(
  env: Env,
  dns: LinkTarget | undefined,
  { instances, definitions, sources }: SettingsSources,
): DnsSettings {
  const running = instances.find(({ host }) => host === dns?.host && !dns?.planned)?.registered;
  const defined = running ?? definedSettings(definitions, dns, sources);
  return { ...defaultDnsSettings, ...pickSettings(defined), ...readDnsSettings(env) };
}

function definedSettings(
  definitions: readonly InstanceDefinition[],
  dns: LinkTarget | undefined,
  sources: EnvironmentSources,
): Partial<DnsSettings> {
  const definition =
    definitions.find(({ instance }) => instance === dns?.instance) ?? definitions[0];
  if (!definition) return {};
  const names: readonly string[] = Object.values(dnsVariables);
  const asked = Object.entries(definition.env).filter(([name]) => names.includes(name));
  return readDnsSettings(resolveEnvironment(Object.fromEntries(asked), "", sources).values);
}

/** Without what else a registration holds. */
function pickSettings({
  zone,
  ttl,
  lease,
  renew,
  secondaries,
}: Partial<DnsSettings>): Partial<DnsSettings> {
  const given = Object.entries({ zone, ttl, lease, renew, secondaries });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}
