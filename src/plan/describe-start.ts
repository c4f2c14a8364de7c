import type { ReynsError } from "../errors.ts";
import type { Project } from "../project/types.ts";
import { containerSpec } from "./container.ts";
import {
  resolveEnvironment,
  type EnvironmentSources,
  type MissingVariable,
} from "./environment.ts";
import { readExtraArgs } from "./extra-args.ts";
import { hasEntrypoint } from "./images.ts";
import { resolveLink, targetsOf, type Candidate } from "./links.ts";
import { ownFolders, persistentFolders, temporaryVolumeOf } from "./mounts.ts";
import { isRunning, type Observed, type Registered } from "./observed.ts";
import type { Placed } from "./placement.ts";
import { dnsOf, registrationOf, zone } from "./registration.ts";
import { addressErrors, askedOf, withLinks } from "./required-environment.ts";
import type { Ready, StartInstance } from "./steps.ts";

interface Surroundings {
  readonly project: Project;
  readonly observed: Observed;
  readonly sources: EnvironmentSources;
  readonly hostHostname: string;
  readonly timeout: number;
}

/** How an instance is started, and all that has to be said about it before. */
export interface DescribedStart {
  readonly placed: Placed;
  readonly step: StartInstance;
  readonly warnings: readonly string[];
  readonly missing: readonly MissingVariable[];
  readonly errors: readonly ReynsError[];
}

/** Resolves the links, the environment and the DNS of an instance, and describes its start completely. */
export function describeStart(
  placed: Placed,
  surroundings: Surroundings,
  candidates: readonly Candidate[],
): DescribedStart {
  const { wanted, existing } = placed;
  const { host, definition, properties } = wanted;
  const { project, sources, hostHostname, timeout } = surroundings;
  const links = properties.linked
    ? definition.links.map((link) => resolveLink(link, host, candidates))
    : [];
  const asked = askedOf(placed, links);
  const environment = resolveEnvironment(asked, host, withLinks(sources, links));
  const env = environment.values;
  const dns = dnsOf(placed, env, candidates);
  const registered = registrationOf(placed, env, {
    server: dns?.address ?? env["DNS_SERVICE_IP"],
    standard: project.updatePolicy,
  });
  const extra = readExtraArgs(definition.extraArgs, definition.at);
  const facts = { ...surroundings, ...placed, env, links, registered, zone, hostHostname, extra };
  const spec = containerSpec(facts);
  const before = [
    ...links.flatMap(({ target }) => target ?? []),
    ...definition.after.flatMap((target) => targetsOf(target, host, candidates)),
    ...(dns ? [dns] : []),
  ];
  const { service, instance } = wanted;
  const step: StartInstance = {
    kind: "start-instance",
    id: startId(host),
    after: [...new Set(before.flatMap((one) => (one.planned ? startId(one.host) : [])))],
    title: host,
    host,
    spec,
    replaces: existing && !isRunning(existing) ? existing.id : undefined,
    ready: readyOf(placed, surroundings),
    timeout,
    register: isTold(registered) ? { ...registered, service, instance } : undefined,
    sleep: definition.sleep,
    address: placed.address,
    persistent: persistentFolders(project, wanted),
    folders: ownFolders(project, spec.mounts),
    temporaryVolume: temporaryVolumeOf(project, wanted),
    interactive: properties.interactive,
  };
  return {
    placed,
    step,
    warnings: [...links.flatMap(({ warning }) => warning ?? []), ...environment.warnings],
    missing: environment.missing,
    errors: [...environment.errors, ...addressErrors(env, host)],
  };
}

function isTold(registered: Registered | undefined): registered is Registered {
  return registered !== undefined && registered.policy !== "HIDE";
}

function startId(host: string): string {
  return `start ${host}`;
}

function readyOf(
  { wanted, image, address, service, isDns }: Placed,
  { project, observed }: Surroundings,
): Ready {
  const { definition } = wanted;
  if (definition.ready) return { kind: "check", check: definition.ready, address };
  if (isDns) return { kind: "dns", address, zone };
  if (hasEntrypoint(project, image, observed)) return { kind: "entrypoint" };
  const ports = [...(service?.ports ?? []), ...definition.ports].filter(
    ({ protocol }) => protocol === "tcp",
  );
  return { kind: "ports", address, ports: ports.map(({ container }) => container) };
}
