import type { DnsSettings } from "../../model/dns-settings.ts";
import { inside, ReynsError } from "../../errors.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { containerSpec, fixedVariableWarnings } from "./container.ts";
import {
  resolveEnvironment,
  type EnvironmentSources,
  type MissingVariable,
} from "../resolve/environment.ts";
import { readExtraArgs, type ExtraArgs } from "./docker-run-args.ts";
import { hasEntrypoint } from "../resolve/images.ts";
import { resolveLink, targetsOf, type LinkTarget, type ResolvedLink } from "../resolve/links.ts";
import { ownFolders, persistentFolders, temporaryVolumeOf } from "./mounts.ts";
import {
  isRunning,
  isPublished,
  type Observed,
  type ObservedInstance,
} from "../../model/observed.ts";
import type { Placed } from "../resolve/placement.ts";
import {
  dnsOf,
  dnsSettingsOf,
  registrationOf,
  type SettingsSources,
} from "../resolve/registration.ts";
import {
  requestedVariables,
  environmentErrors,
  linkedAddresses,
  secretNames,
  settingErrors,
} from "../resolve/required-variables.ts";
import type { SelectedInstance } from "../select/select.ts";
import { sshNamesOf } from "./ssh-names.ts";
import type { AwaitInstance, Ready, StartInstance } from "../../model/steps.ts";

/** What the start of an instance depends on beyond the instance. */
export interface PlanContext {
  readonly project: Project;
  readonly observed: Observed;
  readonly sources: EnvironmentSources;
  readonly hostHostname: string;
  /** Seconds within which each instance has to be ready; its own, or the standard, unless given. */
  readonly timeout: number | undefined;
}

/** The surroundings of all, with what was found out for all of them. */
interface DescribeContext extends PlanContext {
  readonly settingsSources: SettingsSources;
}

/** Another instance that has to be ready before, and why. */
export interface Dependency {
  readonly kind: "link" | "after" | "dns";
  readonly host: string;
  /** The link's name. */
  readonly name?: string;
}

/** How an instance is started, and all that has to be said about it before. */
export interface DescribedStart {
  readonly placed: Placed;
  readonly step: StartInstance;
  /** Whoever has to be ready before, whether this run starts it or it runs already. */
  readonly dependencies: readonly Dependency[];
  readonly warnings: readonly string[];
  readonly missing: readonly MissingVariable[];
  readonly errors: readonly ReynsError[];
}

/** Resolves the links, the environment and the DNS of an instance, and describes its start completely. */
export function describeStart(
  placed: Placed,
  surroundings: DescribeContext,
  candidates: readonly LinkTarget[],
): DescribedStart {
  const { service, host, definition, properties } = placed.selected;
  const links = properties.linked
    ? definition.links.map((link) => resolveLink(link, host, candidates))
    : [];
  const sources = { ...surroundings.sources, links: linkedAddresses(links) };
  const asked = requestedVariables(placed, links);
  const environment = resolveEnvironment(asked, host, sources);
  const env = environment.values;
  const { extra, errors } = extraArgsOf(definition);
  const dns = dnsOf(placed, env, candidates);
  const resolved = { candidates, links, env, secretNames: secretNames(asked), extra, dns };
  const waits = dependenciesOf(placed.selected, resolved);
  return {
    placed,
    dependencies: waits,
    step: {
      ...startStep(placed, surroundings, resolved),
      after: [...new Set(waits.map((wait) => startId(wait.host)))],
    },
    warnings: [
      ...links.flatMap(({ warning }) => warning ?? []),
      ...environment.warnings,
      ...fixedVariableWarnings(placed.selected),
      ...undefinedWarnings(placed.selected, surroundings.project),
    ],
    missing: environment.missing.map((one) => ({ ...one, service, at: definition.at })),
    errors: [
      ...environment.errors,
      ...errors,
      ...settingErrors(env, host),
      ...environmentErrors(env, resolved.secretNames, host),
    ],
  };
}

/** With what is wrong in them as an error beside it, to be reported with the others. */
function extraArgsOf({ extraArgs, at }: InstanceDefinition): {
  extra: ExtraArgs;
  errors: readonly ReynsError[];
} {
  try {
    return { extra: readExtraArgs(extraArgs, inside(at, "extraArgs")), errors: [] };
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    return { extra: readExtraArgs(undefined, at), errors: [error] };
  }
}

interface Resolved {
  readonly candidates: readonly LinkTarget[];
  readonly links: readonly ResolvedLink[];
  readonly env: Readonly<Record<string, string>>;
  readonly secretNames: readonly string[];
  readonly extra: ExtraArgs;
  /** The project's own DNS. */
  readonly dns: LinkTarget | undefined;
}

/** Seconds, where neither the call nor the instance says how long. */
export const defaultTimeout = 60;

function startStep(
  placed: Placed,
  surroundings: DescribeContext,
  resolved: Resolved,
): Omit<StartInstance, "after"> {
  const { selected, existing, address } = placed;
  const { project, timeout } = surroundings;
  const { service, instance, host, definition, properties } = selected;
  const server = resolved.env["DNS_SERVICE_IP"] ?? resolved.dns?.address;
  const standard = project.updatePolicy;
  const settings = dnsSettingsOf(resolved.env, resolved.dns, surroundings.settingsSources);
  const registered = registrationOf(placed, resolved.env, { server, standard, settings });
  const spec = containerSpec({ ...surroundings, ...placed, ...resolved, registered, settings });
  return {
    kind: "start-instance",
    id: startId(host),
    title: host,
    reason: startReason(existing),
    host,
    spec,
    replaces: existing && !isRunning(existing) ? existing.id : undefined,
    ready: readyOf(placed, surroundings, settings),
    timeout: timeout ?? definition.timeout ?? defaultTimeout,
    // One that shall be hidden from now on is still to be taken out.
    register:
      registered && (isPublished(registered) || isPublished(existing?.registered))
        ? { ...registered, service, instance }
        : undefined,
    sleep: definition.sleep,
    address,
    persistent: persistentFolders(project, selected),
    folders: ownFolders(project, spec.mounts),
    temporaryVolume: temporaryVolumeOf(project, selected),
    interactive: properties.interactive,
    sshNames: sshNamesOf(placed, { ...surroundings, spec, zone: settings.zone }),
  };
}

function startReason(existing: ObservedInstance | undefined): string {
  if (!existing) return "not there yet";
  return isRunning(existing) ? "rerun" : existing.state;
}

/** What has to be ready before: what it links to, what it comes after, its DNS. */
function dependenciesOf(
  { host, definition }: SelectedInstance,
  { links, candidates, dns }: Resolved,
): Dependency[] {
  const linked = links.flatMap(({ name, target }): Dependency[] =>
    target ? [{ kind: "link", host: target.host, name }] : [],
  );
  const ordered = definition.after
    .flatMap((target) => targetsOf(target, host, candidates))
    .map((one): Dependency => ({ kind: "after", host: one.host }));
  const own = [...linked, ...ordered];
  if (!dns || own.some((wait) => wait.host === dns.host)) return own;
  return [...own, { kind: "dns", host: dns.host }];
}

/**
 * For an instance that is left alone: a wait, where its readiness can be asked for at any time.
 *
 * @param unfinished whoever started it may not have waited for it
 */
export function awaitStep({ placed, step }: DescribedStart, unfinished: boolean): AwaitInstance[] {
  const { existing } = placed;
  const { host, timeout } = step;
  const ready = recheckableReadiness(step.ready, unfinished);
  if (!existing || placed.starts || !ready) return [];
  const reason = "runs already";
  const base = { kind: "await-instance", after: [], title: host, reason } as const;
  return [{ ...base, id: startId(host), host, containerId: existing.id, ready, timeout }];
}

/** What shows only in the output of a start cannot be asked for later; of a DNS that was ready whoever registers hears. */
function recheckableReadiness(ready: Ready, unfinished: boolean): Ready | undefined {
  if (ready.kind === "dns") return unfinished ? ready : undefined;
  if (ready.kind === "entrypoint") return unfinished ? { kind: "prestartup" } : undefined;
  const isAsked =
    ready.kind === "ports"
      ? ready.ports.length > 0 || unfinished
      : ready.kind === "check" && ready.check.kind !== "log";
  return isAsked ? ready : undefined;
}

function startId(host: string): string {
  return `start ${host}`;
}

function readyOf(
  { selected, image, address, service, isDns }: Placed,
  { project, observed }: PlanContext,
  { zone }: DnsSettings,
): Ready {
  const { definition } = selected;
  if (definition.ready) return { kind: "check", check: definition.ready, address };
  if (isDns) return { kind: "dns", address, zone };
  const replaced = definition.runtime?.entrypoint !== undefined;
  if (!replaced && hasEntrypoint(project, image, observed)) return { kind: "entrypoint" };
  const ports = [...(service?.ports ?? []), ...definition.ports].filter(
    ({ protocol }) => protocol === "tcp",
  );
  return { kind: "ports", address, ports: ports.map(({ container }) => container) };
}

/** A name that the conf does not have may be meant so, or misspelt. */
function undefinedWarnings(
  { service, instance, host, definition }: SelectedInstance,
  { conf }: Project,
): string[] {
  const isIt = (one: InstanceDefinition): boolean =>
    one.service === service && one.instance === instance;
  if (definition.instance !== instance || conf.instances.some(isIt)) return [];
  const defined = conf.instances.filter((one) => one.service === service);
  const names = defined.flatMap((one) => one.instance ?? []);
  if (names.length === 0) return [];
  return [
    `${host} is not in the conf "${conf.name}": it runs without links and variables of its own (defined: ${names.join(", ")})`,
  ];
}
