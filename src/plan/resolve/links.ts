import { isIPv4 } from "node:net";
import type { LinkDefinition, Target } from "../../model/project.ts";
import { describeTarget, pointsTo } from "../select/match.ts";

/** An instance that a link may lead to: it runs already, or this plan starts it. */
export interface LinkTarget {
  readonly service: string;
  readonly instance: string;
  readonly host: string;
  /** Address in the project's network. */
  readonly address: string;
  /** It serves the zone. */
  readonly isDns: boolean;
  /** Where others than this network reach it, if it has a SERVICE_IP. */
  readonly serviceIp: string | undefined;
  /** True when this plan starts it, so that whoever links it has to wait. */
  readonly planned: boolean;
}

export interface ResolvedLink {
  readonly name: string;
  readonly variable: string;
  /** What it points to, in words. */
  readonly to: string;
  /** Undefined: nothing that it points to runs, so the variable has to come from somewhere. */
  readonly target: LinkTarget | undefined;
  readonly warning: string | undefined;
}

/** `MY-APP` -> `MY_APP_SERVICE_IP` */
function variableOf(name: string): string {
  return `${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}_SERVICE_IP`;
}

/** Finds what a link leads to: of several the first, with a warning. */
export function resolveLink(
  link: LinkDefinition,
  host: string,
  candidates: readonly LinkTarget[],
): ResolvedLink {
  const targets = targetsOf(link.target, host, candidates);
  const [target] = targets;
  const warning =
    targets.length > 1 && target
      ? `${host}: the link ${link.name} leads to ${target.host}; ${describeTarget(link.target)} is also ${targets
          .slice(1)
          .map((other) => other.host)
          .join(", ")}`
      : undefined;
  const to = describeTarget(link.target);
  return { name: link.name, variable: variableOf(link.name), to, target, warning };
}

/** Everything that a target points to, except the instance itself. */
export function targetsOf(
  target: Target,
  host: string,
  candidates: readonly LinkTarget[],
): LinkTarget[] {
  return candidates.filter(
    (candidate) =>
      candidate.host !== host && pointsTo(target, candidate.service, candidate.instance),
  );
}

/** Names in `/etc/hosts` for links: to the target's address, or to the one given by its variable. */
export function extraHosts(
  links: readonly ResolvedLink[],
  env: Readonly<Record<string, string>>,
): { name: string; address: string }[] {
  return links.flatMap(({ name, variable, target }) => {
    const address = target?.address ?? env[variable];
    return address !== undefined && isIPv4(address) ? [{ name: name.toLowerCase(), address }] : [];
  });
}
