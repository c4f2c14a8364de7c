import { inside } from "../../errors.ts";
import { recordedServer } from "../resolve/dns-server.ts";
import { hostNameOf } from "../../model/host-names.ts";
import { addressOf, nodesOf } from "../../model/nodes.ts";
import { definedElsewhere, definesDns } from "../resolve/elsewhere.ts";
import {
  resolveEnvironment,
  type EnvironmentSources,
  type MissingVariable,
  type ResolvedEnvironment,
} from "../resolve/environment.ts";
import { stoppedTargets, type ResolvedLink } from "../resolve/links.ts";
import type { Placed } from "../resolve/placement.ts";
import {
  linkedAddresses,
  withOwnAddresses,
  type requestedVariables,
} from "../resolve/required-variables.ts";
import { swarmOf } from "../select/selection.ts";
import type { StartInstance } from "../../model/steps.ts";
import type { DescribeContext } from "./described-start.ts";

type RequestedVariables = ReturnType<typeof requestedVariables>;
type SourcesContext = Pick<DescribeContext, "sources" | "project" | "observed">;

/** Finds the values of the variables that an instance asks for. */
export function environmentOf(
  asked: RequestedVariables,
  placed: Placed,
  {
    sources,
    project,
    observed,
    links,
  }: DescribeContext & { readonly links: readonly ResolvedLink[] },
): ResolvedEnvironment {
  const recorded = recordedServer(observed.instances);
  const own = sourcesOf(placed, asked, { sources, project, observed });
  const withLinks = { ...own, links: linkedAddresses(links), recorded };
  const resolved = resolveEnvironment(asked, placed.selected.host, withLinks);
  return withOwnAddresses(resolved, placed, { project, links });
}

/**
 * The tasks of a service run on any of a project's machines, and stay as they are when another one plans them: the address of
 * the machine that does is not theirs, unless the definition asks for it, and that of the DNS is the same for all.
 */
function sourcesOf(
  { selected }: Placed,
  asked: RequestedVariables,
  { sources, project, observed: { settled } }: SourcesContext,
): EnvironmentSources {
  const nodes = nodesOf(project.conf);
  if (nodes.length === 0 || !swarmOf(selected)) return sources;
  const dns = project.conf.instances.find((one) => definesDns(one, project));
  const node = nodes.find(({ name }) => name === dns?.group);
  const address = dns && settled?.get(hostNameOf(dns.service, dns.instance ?? ""));
  const told = address ?? (node && addressOf(node));
  const own = {
    // In a network that spans the machines, each service has one of its own.
    ...((settled || !asksFor("SERVICE_IP", asked)) && { SERVICE_IP: undefined }),
    ...(!asksFor("PUBLISH_ON_IP", asked) && { PUBLISH_ON_IP: undefined }),
    // That of another project, or of another machine, is given from outside.
    ...(told !== undefined && { DNS_SERVICE_IP: told }),
  };
  return {
    ...sources,
    caller: { ...sources.caller, ...own },
    hostConf: { ...sources.hostConf, ...own },
  };
}

/** Whether one of the variables gets its value from a name, by its own name or by `variable()`. */
function asksFor(name: string, asked: RequestedVariables): boolean {
  return Object.entries(asked).some(([key, value]) =>
    value.kind === "variable" ? value.name === name : key === name,
  );
}

/** Adds who wants a missing variable, and what would give it a value. */
export function withOrigin(
  variable: Omit<MissingVariable, "at" | "service">,
  links: readonly ResolvedLink[],
  { register }: Pick<StartInstance, "register">,
  { selected, project }: Pick<Placed, "selected"> & Pick<DescribeContext, "project">,
): MissingVariable {
  const { service, definition } = selected;
  const stopped = stoppedTargets(links, selected, project.conf).get(variable.name);
  const link = links.find((one) => one.variable === variable.name && !one.target);
  const target = definition.links.find(({ name }) => name === link?.name)?.target;
  // Only a DNS tells what runs elsewhere.
  const isKnown = register !== undefined && !stopped;
  const [elsewhere] = target && isKnown ? definedElsewhere(target, definition, project) : [];
  const key = Object.hasOwn(definition.env, variable.name) ? "env" : "secrets";
  const at = inside(definition.at, key, variable.name);
  return { ...variable, stopped, elsewhere, service, at };
}
