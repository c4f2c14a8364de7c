import type { ContainerSpec } from "../../model/container-spec.ts";
import { dnsVariablesOf, resolverVariable, type DnsSettings } from "../../model/dns-settings.ts";
import { environmentPart } from "../../model/labels.ts";
import type { Observed, Registration } from "../../model/observed.ts";
import type { Project, ServiceFolder } from "../../model/project.ts";
import { nodesOf } from "../../model/nodes.ts";
import { shellQuote } from "../../lib/shell-quote.ts";
import { hasEntrypoint, prestartupOrder } from "../resolve/images.ts";
import { secondaryAddresses } from "../resolve/registration.ts";
import { swarmOf, type SelectedInstance } from "../select/selection.ts";
import type { ExtraArgs } from "./docker-run-args.ts";

/** What the variables of a container depend on. */
export interface EnvironmentContext {
  readonly project: Project;
  readonly observed: Observed;
  readonly selected: SelectedInstance;
  /** Its service's folder; undefined for a ready image. */
  readonly service: ServiceFolder | undefined;
  readonly image: string;
  /** Resolved environment, links' variables included. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the secret variables among them. */
  readonly secretNames: readonly string[];
  readonly registered: Registration | undefined;
  /** Its address in the project's network, or the gateway's where it is in the host's. */
  readonly address: string;
  /** Settings of the DNS that it asks, or is. */
  readonly settings: DnsSettings;
  readonly hostHostname: string;
  /** Additions by `extra_args`. */
  readonly extra: ExtraArgs;
}

/** The variables of a container, those that Reyns always sets included. */
export function containerEnvironment(
  context: EnvironmentContext,
): Pick<ContainerSpec, "env" | "secrets"> {
  return splitSecrets(environmentOf(context), context.secretNames);
}

/** Splits the variables of a container into public and secret ones. */
function splitSecrets(
  all: Readonly<Record<string, string>>,
  names: readonly string[],
): Pick<ContainerSpec, "env" | "secrets"> {
  const [secrets, env] = [new Map<string, string>(), new Map<string, string>()];
  for (const [name, value] of Object.entries(all))
    (names.includes(name) ? secrets : env).set(name, value);
  return { env: Object.fromEntries(env), secrets: Object.fromEntries(secrets) };
}

const fixedVariables = [
  "SERVICE",
  "INSTANCE",
  "INSTANCE_TYPE",
  "PERSISTENT_DATA",
  "PERSISTENT_LOG",
  "PERSISTENT_OPT",
  "PERSISTENT_HOME",
  "SAFEMODE",
  "HOST_HOSTNAME",
  "PROJECT",
] as const;
type FixedVariable = (typeof fixedVariables)[number];

/** A definition cannot set the variables that Reyns always sets itself. */
export function fixedVariableWarnings(
  placed: Pick<EnvironmentContext, "selected" | "service" | "image">,
  context: Pick<EnvironmentContext, "project" | "observed">,
): string[] {
  const { host, definition } = placed.selected;
  if (fixedPrefix({ ...placed, ...context }) !== "") return [];
  return fixedVariables
    .filter((name) => Object.hasOwn(definition.env, name))
    .map((name) => `${host}: ${name} is always set by Reyns, not from the definition`);
}

/** A ready image, or one of a Compose project, may give a name such as PROJECT a meaning of its own. The older tools set them everywhere. */
function fixedPrefix({
  project,
  observed,
  service,
  image,
}: Pick<EnvironmentContext, "project" | "observed" | "service" | "image">): "" | "REYNS_" {
  const { sequential, isCompose = false } = project.conf;
  const isOwn = (service !== undefined && !isCompose) || sequential;
  return isOwn || hasEntrypoint(project, image, observed) ? "" : "REYNS_";
}

/** The name of a variable's digest, the same whether the variable has the prefix or not, as versions differ in that. */
export function variablePart(name: string): string {
  const plain = name.replace(/^REYNS_/, "");
  return environmentPart((fixedVariables as readonly string[]).includes(plain) ? plain : name);
}

function environmentOf({
  project,
  observed,
  selected,
  image,
  service,
  env,
  settings,
  hostHostname,
  registered,
  address,
  extra,
}: EnvironmentContext): Record<string, string> {
  const { properties } = selected;
  const told = withoutToldDns(env, { selected, service, project });
  const flag = (value: boolean): string => (value ? "True" : "False");
  const fixed: Record<FixedVariable, string> = {
    SERVICE: selected.service,
    INSTANCE: selected.instance,
    INSTANCE_TYPE: selected.instanceType,
    PERSISTENT_DATA: flag(properties.persistentData),
    PERSISTENT_LOG: flag(properties.persistentLog),
    PERSISTENT_OPT: flag(properties.persistentOpt),
    PERSISTENT_HOME: flag(properties.persistentHome),
    SAFEMODE: flag(properties.safemode),
    HOST_HOSTNAME: hostHostname,
    PROJECT: project.name,
  };
  const prefix = fixedPrefix({ project, observed, service, image });
  const named = Object.fromEntries(
    Object.entries(fixed).map(([name, value]) => [`${prefix}${name}`, value]),
  );
  if (!hasEntrypoint(project, image, observed)) return { ...extra.env, ...told, ...named };
  const scripts = prestartupOrder(project, service).join(" ");
  const dns = {
    ...dnsVariablesOf(settings),
    DNS_ZONE: settings.zone,
    ...agentVariables(registered, secondaryAddresses({ selected, registered, project, observed })),
  };
  const own = properties.nethost ? hostNetworkVariables(address, registered) : {};
  return { ...extra.env, ...told, ...dns, ...own, ...named, REYNS_PRESTARTUP: scripts };
}

/** On several machines, a service that does not ask for the DNS has it by its registration only, whichever plans it. */
function withoutToldDns(
  env: EnvironmentContext["env"],
  { selected, service, project }: Pick<EnvironmentContext, "selected" | "service" | "project">,
): EnvironmentContext["env"] {
  const asked = { ...service?.requiredVariables, ...selected.definition.env };
  if (!swarmOf(selected) || nodesOf(project.conf).length === 0 || asked["DNS_SERVICE_IP"])
    return env;
  const { DNS_SERVICE_IP: _, ...others } = env;
  return others;
}

/** In the host's network, sshd and BIND would else listen on every address of the host. */
function hostNetworkVariables(
  address: string,
  registered: Registration | undefined,
): Record<string, string> {
  const addresses = new Set([registered?.address ?? address, address]);
  const own = registered ? { REYNS_ADDRESS: registered.address } : {};
  return { ...own, REYNS_LISTEN: [...addresses].join(" ") };
}

/**
 * The variables that the agent reads. A DNS is its own, whatever DNS the rest of this node may use. One secondary DNS names
 * the others.
 */
function agentVariables(
  registered: Registration | undefined,
  [resolver]: readonly string[],
): Record<string, string> {
  if (!registered) return {};
  const { server, policy } = registered;
  const near = resolver === undefined ? {} : { [resolverVariable]: resolver };
  return { DNS_SERVICE_IP: server, DNS_UPDATE_POLICY: policy, ...near };
}

type PlainSpec = Omit<ContainerSpec, "labels">;

/**
 * The spec of a container as that of the tasks of a Swarm service. Each task has a host name, and the name of an instance,
 * of its own; and Swarm chooses the address of the host that a port is published on.
 */
export function asService(
  spec: PlainSpec,
  { selected }: Pick<EnvironmentContext, "selected">,
): PlainSpec {
  const swarm = swarmOf(selected);
  if (!swarm) return spec;
  const { hostname } = spec;
  const isGiven = selected.definition.hostname !== undefined;
  return {
    ...spec,
    swarm,
    hostname: isGiven ? escapeTemplate(hostname) : `${hostname}-${taskSlot}`,
    env: Object.fromEntries(
      Object.entries({ ...spec.env, ...healthVariables(spec) }).map(([name, value]) => [
        name,
        taskValue(name, value),
      ]),
    ),
    ports: spec.ports.map((port) => ({ ...port, ip: "" })),
  };
}

/** Seconds: names must not come long after the health that Swarm sees, whose checks begin at other moments. */
const longestInterval = 5;

/** With which the agent waits for the health of a task before it registers its names. */
function healthVariables({ env, runtime: { healthcheck } }: PlainSpec): Record<string, string> {
  const [kind, ...words] = healthcheck?.test ?? [];
  if (env["DNS_SERVICE_IP"] === undefined || (kind !== "CMD" && kind !== "CMD-SHELL")) return {};
  const { interval = longestInterval, timeout } = healthcheck ?? {};
  return {
    REYNS_HEALTH_CHECK: kind === "CMD" ? words.map(shellQuote).join(" ") : words.join(" "),
    REYNS_HEALTH_INTERVAL: `${Math.min(interval, longestInterval)}`,
    ...(timeout !== undefined && { REYNS_HEALTH_TIMEOUT: `${timeout}` }),
  };
}

/** What differs between tasks, with which the agent registers its names; and where the task runs. */
function taskValue(name: string, value: string): string {
  const plain = name.replace(/^REYNS_/, "");
  if (plain === "INSTANCE") return `${value}-${taskSlot}`;
  return plain === "HOST_HOSTNAME" ? "{{.Node.Hostname}}" : escapeTemplate(value);
}

/** The part that is put into a text for each task: its number, from 1. */
const taskSlot = "{{.Task.Slot}}";

/** A text as Swarm has to be given it, which takes what is in double braces for a template. */
function escapeTemplate(text: string): string {
  return text.replaceAll("{{", '{{"{{"}}');
}
