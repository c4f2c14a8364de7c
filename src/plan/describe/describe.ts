import type { ContainerFile } from "../../model/container-files.ts";
import type { Project } from "../../model/project.ts";
import { containerSpec } from "./container.ts";
import { fixedVariableWarnings } from "./container-env.ts";
import { tryExtraArgs, type ExtraArgs } from "./docker-run-args.ts";
import { fileDigests } from "./mounted-files.ts";
import {
  networkErrors,
  reachableFrom,
  resolveLink,
  targetsOf,
  type LinkTarget,
  type ResolvedLink,
} from "../resolve/links.ts";
import { previousContainers } from "../departure.ts";
import { ownFolders, persistentFolders, temporaryVolumeOf } from "./mounts.ts";
import { isPublished, type Registration } from "../../model/observed.ts";
import type { Placed } from "../resolve/placement.ts";
import { dnsOf, dnsSettingsOf, registrationOf, secondaryOf } from "../resolve/registration.ts";
import {
  requestedVariables,
  environmentErrors,
  secretNames,
  settingErrors,
} from "../resolve/required-variables.ts";
import { resolveSecrets } from "../resolve/secret-files.ts";
import { swarmOf, type SelectedInstance } from "../select/selection.ts";
import type { Dependency, DescribeContext, DescribedStart } from "./described-start.ts";
import { environmentOf, withOrigin } from "./environment-of.ts";
import { awaitedBy, awaitNameId } from "./awaited.ts";
import { handoverOf } from "../handover/handover.ts";
import { remoteRouteWarnings, routedHere } from "../router/routes.ts";
import { readyOf } from "./readiness.ts";
import { sshNamesOf } from "./ssh-names.ts";
import { instanceWarnings } from "./warnings.ts";
import type { StartInstance } from "../../model/steps.ts";

/** Resolves the links, the environment and the DNS of an instance, and describes its start completely. */
export function describeStart(
  placed: Placed,
  context: DescribeContext,
  candidates: readonly LinkTarget[],
): DescribedStart {
  const { host, definition, properties } = placed.selected;
  const reachable = reachableFrom(placed, candidates);
  const links = properties.linked
    ? definition.links.map((link) => resolveLink(link, host, reachable))
    : [];
  const asked = requestedVariables(placed, links);
  const environment = environmentOf(asked, placed, { ...context, links });
  const env = environment.values;
  const { extra, errors } = tryExtraArgs(definition.extraArgs, definition.at);
  const secrets = resolveSecrets(definition.secrets ?? [], host, context.sources);
  const names = secretNames(asked);
  const dns = dnsOf(placed, env, reachable);
  const texts = { env, secretNames: names, secretFiles: secrets.files, extra };
  // Tasks run on any machine, and stay as they are when another one plans them.
  const secondary = swarmOf(placed.selected) ? undefined : secondaryOf(placed, reachable);
  const described = describeStep(placed, context, { candidates, links, dns, secondary, ...texts });
  return {
    placed,
    ...described,
    warnings: [
      ...links.flatMap(({ warning }) => warning ?? []),
      ...environment.warnings,
      ...placedWarnings(placed, described.step, context),
      ...described.warnings,
    ],
    missing: [...environment.missing, ...secrets.missing].map((variable) =>
      withOrigin(variable, links, described.step, { ...placed, ...context }),
    ),
    errors: [
      ...environment.errors,
      ...networkErrors(placed, candidates),
      ...errors,
      ...settingErrors(env, host),
      ...environmentErrors(env, names, host),
    ],
  };
}

/** The start itself, and what it comes after. */
function describeStep(
  placed: Placed,
  context: DescribeContext,
  resolved: Resolved,
): Pick<DescribedStart, "dependencies" | "awaited" | "step" | "warnings"> {
  const router = routedHere(placed, context.project, resolved.candidates);
  const dependencies = [...dependenciesOf(placed, resolved), ...(router?.dependencies ?? [])];
  const step = startStep(placed, context, { ...resolved, dependencies });
  const { awaited, warnings } = awaitedBy(placed.selected, { ...context, ...resolved, ...step });
  const ids = dependencies.map((dependency) => startId(dependency.host));
  const after = [...new Set([...ids, ...awaited.map(({ host }) => awaitNameId(host))])];
  const own = { dependencies, awaited, warnings };
  if (!router) return { ...own, step: { ...step, after } };
  const { routed, servedRoutes } = router;
  const handover = handoverOf(placed, { ...context, spec: step.spec });
  return { ...own, step: { ...step, routed, servedRoutes, handover, after } };
}

function placedWarnings(placed: Placed, step: StartInstance, context: DescribeContext): string[] {
  const isRouted = step.routed !== undefined;
  return [
    ...(isRouted ? [] : remoteRouteWarnings(placed.selected, step, context.project)),
    ...fixedVariableWarnings(placed, context),
    ...instanceWarnings(placed.selected, context.project),
  ];
}

interface Resolved {
  readonly candidates: readonly LinkTarget[];
  readonly links: readonly ResolvedLink[];
  readonly env: Readonly<Record<string, string>>;
  readonly secretNames: readonly string[];
  readonly secretFiles: readonly ContainerFile[];
  readonly extra: ExtraArgs;
  /** The project's own DNS. */
  readonly dns: LinkTarget | undefined;
  /** The one of this machine that copies the project's. */
  readonly secondary: LinkTarget | undefined;
}

function startStep(
  placed: Placed,
  context: DescribeContext,
  resolved: Resolved & Pick<DescribedStart, "dependencies">,
): Omit<StartInstance, "after"> {
  const { selected, existing, address } = placed;
  const { project } = context;
  const { service, instance, host, definition } = selected;
  const server = resolved.env["DNS_SERVICE_IP"] ?? resolved.dns?.address;
  const policy = defaultPolicy(selected, project);
  const hasDns = server !== undefined || context.settingsSources.definitions.length > 0;
  const settings = dnsSettingsOf(resolved.env, resolved.dns, context.settingsSources);
  const registered = registrationOf(placed, resolved.env, {
    ...{ server, standard: policy, settings },
    resolver: resolved.secondary?.address,
  });
  const ready = readyOf(placed, context, settings);
  const dependencies = [...new Set(resolved.dependencies.map((dependency) => dependency.host))];
  const facts = { ...context, ...placed, ...resolved, dependencies, hasDns, registered, settings };
  const spec = containerSpec(facts);
  return {
    kind: "start-instance",
    id: startId(host),
    title: host,
    reason: "not there yet",
    host,
    spec,
    ...previousContainers(placed, context.observed.instances),
    ready,
    timeout: context.timeout ?? definition.timeout,
    versions: definition.versions,
    // One that is hidden from now on still has to be deregistered.
    // The agent in each task registers its own names.
    register:
      registered &&
      !swarmOf(selected) &&
      (isPublished(registered) || isPublished(existing?.registered))
        ? { ...registered, service, instance }
        : undefined,
    sleep: definition.sleep,
    address,
    persistent: persistentFolders(project, selected),
    folders: ownFolders(project, spec.mounts),
    files: fileDigests(spec.mounts, context.files, project),
    temporaryVolume: temporaryVolumeOf(project, selected),
    interactive: selected.session !== undefined,
    sshNames: sshNamesOf(placed, { ...context, spec, zone: settings.zone }),
  };
}

/** A job is not there to be found. In a `reyns.ts` all instances of a service answer for its name. */
function defaultPolicy(
  { service, definition }: SelectedInstance,
  { conf, updatePolicy }: Project,
): Registration["policy"] {
  if (definition.job) return "HIDE";
  if (definition.swarm) return "APPEND";
  const count = conf.instances.filter((other) => other.service === service).length;
  return count > 1 && !conf.sequential ? "APPEND" : updatePolicy;
}

/** The instances that it links to or comes after, and its DNS. */
function dependenciesOf(
  { selected: { host, definition }, shared }: Placed,
  { links, candidates, dns, secondary }: Resolved,
): Dependency[] {
  const linked = links.flatMap(({ name, target }): Dependency[] =>
    target ? [{ kind: "link", host: target.host, name }] : [],
  );
  const ordered = definition.after
    .flatMap((target) => targetsOf(target, host, candidates))
    .map((other): Dependency => ({ kind: "after", host: other.host }));
  const own = [
    ...linked,
    ...ordered,
    ...(shared ? [{ kind: "network", host: shared.host } as const] : []),
  ];
  const servers = [dns, secondary].flatMap((one): Dependency[] =>
    one && !own.some(({ host: other }) => other === one.host)
      ? [{ kind: "dns", host: one.host }]
      : [],
  );
  return [...own, ...servers];
}

function startId(host: string): string {
  return `start ${host}`;
}
