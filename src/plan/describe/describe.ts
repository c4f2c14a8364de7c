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
import type { AwaitInstance, Ready, RestartInstance, StartInstance } from "../../model/steps.ts";

/** What the start of an instance depends on beyond the instance. */
export interface PlanContext {
  readonly project: Project;
  readonly observed: Observed;
  readonly sources: EnvironmentSources;
  readonly hostHostname: string;
  /** Seconds within which each instance has to become ready; undefined: its own timeout, or the default. */
  readonly timeout: number | undefined;
}

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

/** How an instance is started, with everything that has to be reported before. */
export interface DescribedStart {
  readonly placed: Placed;
  /** How its container is created and started; also described for one that runs, to compare the two. */
  readonly step: StartInstance;
  /** The instances that have to be ready before, whether this run starts them or they run already. */
  readonly dependencies: readonly Dependency[];
  readonly warnings: readonly string[];
  readonly missing: readonly MissingVariable[];
  readonly errors: readonly ReynsError[];
}

/** Resolves the links, the environment and the DNS of an instance, and describes its start completely. */
export function describeStart(
  placed: Placed,
  context: DescribeContext,
  candidates: readonly LinkTarget[],
): DescribedStart {
  const { service, host, definition, properties } = placed.selected;
  const links = properties.linked
    ? definition.links.map((link) => resolveLink(link, host, candidates))
    : [];
  const sources = { ...context.sources, links: linkedAddresses(links) };
  const asked = requestedVariables(placed, links);
  const environment = resolveEnvironment(asked, host, sources);
  const env = environment.values;
  const { extra, errors } = extraArgsOf(definition);
  const dns = dnsOf(placed, env, candidates);
  const resolved = { candidates, links, env, secretNames: secretNames(asked), extra, dns };
  const dependencies = dependenciesOf(placed.selected, resolved);
  return {
    placed,
    dependencies,
    step: {
      ...startStep(placed, context, { ...resolved, dependencies }),
      after: [...new Set(dependencies.map((dependency) => startId(dependency.host)))],
    },
    warnings: [
      ...links.flatMap(({ warning }) => warning ?? []),
      ...environment.warnings,
      ...fixedVariableWarnings(placed.selected),
      ...undefinedWarnings(placed.selected, context.project),
    ],
    missing: environment.missing.map((variable) => ({ ...variable, service, at: definition.at })),
    errors: [
      ...environment.errors,
      ...errors,
      ...settingErrors(env, host),
      ...environmentErrors(env, resolved.secretNames, host),
    ],
  };
}

/** Invalid options are returned as errors, to be reported together with all others. */
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

/** Seconds, unless the call or the instance says otherwise. */
export const defaultTimeout = 60;

function startStep(
  placed: Placed,
  context: DescribeContext,
  resolved: Resolved & Pick<DescribedStart, "dependencies">,
): Omit<StartInstance, "after"> {
  const { selected, existing, address } = placed;
  const { project } = context;
  const { service, instance, host, definition, properties } = selected;
  const server = resolved.env["DNS_SERVICE_IP"] ?? resolved.dns?.address;
  const standard = project.updatePolicy;
  const settings = dnsSettingsOf(resolved.env, resolved.dns, context.settingsSources);
  const registered = registrationOf(placed, resolved.env, { server, standard, settings });
  const ready = readyOf(placed, context, settings);
  const timeout = context.timeout ?? definition.timeout ?? defaultTimeout;
  const dependencies = resolved.dependencies.map((dependency) => dependency.host);
  const lifecycle = { ready, dependencies };
  const facts = { ...context, ...placed, ...resolved, ...lifecycle, registered, settings };
  const spec = containerSpec(facts);
  return {
    kind: "start-instance",
    id: startId(host),
    title: host,
    reason: "not there yet",
    host,
    spec,
    ...previousContainers(placed),
    ready,
    timeout,
    // One that is hidden from now on still has to be deregistered.
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
    sshNames: sshNamesOf(placed, { ...context, spec, zone: settings.zone }),
  };
}

/** The container to go back to if the new one does not become ready, and the one that is of no use any more. */
function previousContainers({
  existing,
  selected,
}: Placed): Pick<StartInstance, "removes" | "predecessor"> {
  if (!existing) return { removes: undefined, predecessor: undefined };
  const serves = isRunning(existing) && existing.state !== "restarting";
  const own = serves && !selected.properties.interactive ? existing.id : undefined;
  const predecessor = existing.predecessor ?? own;
  return { removes: predecessor === existing.id ? undefined : existing.id, predecessor };
}

/** Starts the stopped container of an instance again. */
export function restartStepOf(
  { step }: DescribedStart,
  existing: ObservedInstance,
): RestartInstance {
  const { id, after, title, host, ready, timeout, register } = step;
  const base = { id, after, title, host, ready, timeout, register };
  const name = step.spec.name === existing.containerName ? undefined : step.spec.name;
  const reason = existing.state;
  return {
    kind: "restart-instance",
    ...base,
    reason,
    containerId: existing.id,
    name,
    stopFirst: false,
  };
}

/** The instances that it links to or comes after, and its DNS. */
function dependenciesOf(
  { host, definition }: SelectedInstance,
  { links, candidates, dns }: Resolved,
): Dependency[] {
  const linked = links.flatMap(({ name, target }): Dependency[] =>
    target ? [{ kind: "link", host: target.host, name }] : [],
  );
  const ordered = definition.after
    .flatMap((target) => targetsOf(target, host, candidates))
    .map((other): Dependency => ({ kind: "after", host: other.host }));
  const own = [...linked, ...ordered];
  if (!dns || own.some((dependency) => dependency.host === dns.host)) return own;
  return [...own, { kind: "dns", host: dns.host }];
}

/**
 * Waits for an instance that runs already, where its readiness can be detected at any time.
 *
 * @param isUnsure nobody may have waited until it was ready
 */
export function awaitStep({ placed, step }: DescribedStart, isUnsure: boolean): AwaitInstance[] {
  const { existing } = placed;
  const { host, timeout } = step;
  const ready = recheckableReadiness(step.ready, isUnsure);
  if (!existing || placed.starts || !ready) return [];
  const reason = "runs already";
  const base = { kind: "await-instance", after: [], title: host, reason } as const;
  return [{ ...base, id: startId(host), host, containerId: existing.id, ready, timeout }];
}

/** Readiness that only the output of a start shows cannot be detected later. */
function recheckableReadiness(ready: Ready, isUnsure: boolean): Ready | undefined {
  if (ready.kind === "dns") return isUnsure ? ready : undefined;
  if (ready.kind === "entrypoint") return isUnsure ? { kind: "prestartup" } : undefined;
  const isRecheckable =
    ready.kind === "ports"
      ? ready.ports.length > 0 || isUnsure
      : ready.kind === "check" && ready.check.kind !== "log";
  return isRecheckable ? ready : undefined;
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
