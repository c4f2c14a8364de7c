import { ReynsError, throwAll } from "../../errors.ts";
import { checkNames, hostNameOf } from "../../model/host-names.ts";
import type { Conf, InstanceDefinition, Project } from "../../model/project.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import { definesDns } from "../resolve/elsewhere.ts";
import { instanceTypeOf, propertiesOf } from "./instance-types.ts";
import { isPattern, matches, patternsOf, pointsTo } from "./match.ts";
import { oneOffDefinition } from "./one-off.ts";
import { plainSelection, type SelectedInstance, type Selection } from "./selection.ts";
import { undefinedError, undefinedInstance, unknownService } from "./services.ts";
import {
  isRandomInstanceName,
  missingDefinition,
  randomInstanceName,
} from "../../model/resource-names.ts";
import { valuesOfCall } from "./values-of-call.ts";

/**
 * The instances that a call asks for, in the order of the conf, with their dependencies unless it declines those.
 *
 * @throws ReynsError UNKNOWN_SERVICE, UNKNOWN_INSTANCE, UNKNOWN_GROUP, INVALID_VALUE
 */
export function selectInstances(project: Project, selection: Selection): SelectedInstance[] {
  const named = definitionsOf(project, selection);
  // In a legacy conf, a link to what does not run asks for an address.
  const hasDependencies = selection.deps && !project.conf.sequential;
  const needed = new Set(hasDependencies ? dependenciesAmong(project, named, selection) : []);
  const ranks = new Map(project.conf.instances.map((definition, index) => [definition, index]));
  const rank = (definition: InstanceDefinition): number => ranks.get(definition) ?? Infinity;
  const selectedBy = selection.service === "all" ? "all" : "name";
  return [...named, ...needed]
    .toSorted((a, b) => rank(a) - rank(b))
    .map((definition) =>
      needed.has(definition)
        ? selectInstance(project, definition, plainSelection("all"), "dependency")
        : selectInstance(project, definition, selection, selectedBy),
    );
}

/**
 * The definitions that others need, directly or by way of another: what they link to or come after, the DNS and the
 * router. An instance of another group belongs on another machine.
 */
function dependenciesAmong(
  project: Project,
  named: readonly InstanceDefinition[],
  { service }: Selection,
): InstanceDefinition[] {
  const { instances } = project.conf;
  const servers = instances.filter((definition) => definesDns(definition, project));
  const routers = instances.filter(({ router }) => router !== undefined);
  const [given, found] = [new Set(named), new Set(named)];
  for (const definition of found) {
    const targets = [
      ...definition.links.map(({ target }) => target),
      ...definition.after,
      ...(definition.networkMode?.kind === "instance" ? [definition.networkMode.target] : []),
    ];
    const needed = [
      ...targets.flatMap((target) =>
        instances.filter((other) => pointsTo(target, other.service, other.instance ?? "")),
      ),
      ...(definition.routes === undefined ? [] : routers),
      ...(definition.properties.linked === false ? [] : servers),
    ];
    const isHere = (other: InstanceDefinition): boolean =>
      (other.autorun || service !== "all") &&
      (other.group === undefined || other.group === definition.group);
    for (const other of needed.filter(isHere)) found.add(other);
  }
  return [...found].filter((definition) => !given.has(definition));
}

function definitionsOf(project: Project, selection: Selection): readonly InstanceDefinition[] {
  const { service, instance, group } = selection;
  const { instances, sequential } = project.conf;
  if (service === "all")
    return inGroup(
      project,
      instances.filter(({ autorun }) => autorun),
      group,
    );
  if (isPattern(service)) return matching(project, selection);
  const ofService = instances.filter((definition) => definition.service === service);
  const [first] = ofService;
  if (selection.oneOff) return [oneOffDefinition(project, selection, selection.oneOff)];
  if (!first && !project.services.has(service)) throw unknownService(project, service);
  if (selection.isNew && first) {
    const base = ofService.find((one) => group !== undefined && one.group === group) ?? first;
    return [{ ...base, instance: newName(ofService, instance) }];
  }
  // The older tools start an instance with a random name here.
  if (instance === undefined && !sequential && first) return inGroupOf(ofService, group);
  const unnamed = ofService.find((definition) => definition.instance === undefined);
  const defined =
    ofService.find((definition) => definition.instance === instance) ??
    (unnamed && { ...unnamed, instance });
  if (defined) return [checkGroup(defined, group)];
  throwAll(checkNames(service, instance));
  if (instance !== undefined && !sequential && first)
    throw undefinedError(project, ofService, instance);
  return [undefinedInstance(project, { service, instance, group, image: first?.image })];
}

function newName(
  ofService: readonly InstanceDefinition[],
  instance: string | undefined,
): string | undefined {
  if (!ofService.some((definition) => definition.instance === instance)) return instance;
  const host = hostNameOf(ofService[0]?.service ?? "", instance ?? "");
  throw new ReynsError("INVALID_VALUE", `${host} is defined already`, {
    hint: "leave the name out for a random one, or choose another",
  });
}

/** The definitions of a service that are in a group; the mistake is named where none is. */
function inGroupOf(
  ofService: readonly InstanceDefinition[],
  group: string | undefined,
): readonly InstanceDefinition[] {
  const members = ofService.filter(
    (definition) => group === undefined || definition.group === group,
  );
  return members.length > 0 ? members : ofService.map((one) => checkGroup(one, group));
}

function checkGroup(defined: InstanceDefinition, group: string | undefined): InstanceDefinition {
  if (group === undefined || group === defined.group) return defined;
  const host = hostNameOf(defined.service, defined.instance ?? "");
  const own = defined.group === undefined ? "no group" : `the group "${defined.group}"`;
  throw new ReynsError("UNKNOWN_GROUP", `${host} is in ${own}, not in "${group}"`, {
    hint: "leave group= out when you name the instance",
  });
}

function inGroup(
  project: Project,
  instances: readonly InstanceDefinition[],
  group: string | undefined,
): readonly InstanceDefinition[] {
  if (instances.length === 0) {
    const { name, file } = project.conf;
    const named = "or name a service: reyns run SERVICE";
    const way = project.conf.isCompose
      ? "activate a profile: reyns --profile NAME run all"
      : "define some in reyns.ts with service()";
    throw new ReynsError("INVALID_PROJECT", `the conf "${name}" has no instances to run`, {
      hint:
        file === undefined
          ? `${missingDefinition(project.folder)}; create one of them, ${named}`
          : `${way}, ${named}`,
      at: file === undefined ? undefined : { file },
    });
  }
  if (group === undefined) return instances;
  const members = instances.filter((definition) => definition.group === group);
  if (members.length > 0) return members;
  // A group of nothing else is meant, like an instance that is named.
  const named = project.conf.instances.filter((definition) => definition.group === group);
  if (named.length > 0) return named;
  const groups = new Set(project.conf.instances.flatMap((definition) => definition.group ?? []));
  throw new ReynsError("UNKNOWN_GROUP", `the conf "${project.conf.name}" has no group "${group}"`, {
    hint: groups.size === 0 ? "its instances are in no group" : acceptedHint(group, groups),
  });
}

function matching(project: Project, { service, instance, group }: Selection): InstanceDefinition[] {
  const found = project.conf.instances.filter(
    (definition) =>
      matches(service, definition.service) &&
      (instance === undefined || matches(instance, definition.instance ?? "")) &&
      (group === undefined || definition.group === group),
  );
  const isFound = (part: string): boolean => found.some((one) => matches(part, one.service));
  const unknown = patternsOf(service).find((part) => !isFound(part));
  if (unknown === undefined) return found;
  throw new ReynsError(
    "UNKNOWN_INSTANCE",
    `nothing in the conf "${project.conf.name}" matches "${unknown}"`,
    {
      hint: acceptedHint(
        unknown,
        new Set(project.conf.instances.map((definition) => definition.service)),
      ),
    },
  );
}

/** Host names of the instances that a conf defines by name. */
export function definedHosts(conf: Conf): Set<string> {
  return new Set(
    conf.instances.flatMap(({ service, instance }) =>
      instance === undefined ? [] : [hostNameOf(service, instance)],
    ),
  );
}

export function selectInstance(
  { conf }: Project,
  defined: InstanceDefinition,
  selection: Selection,
  selectedBy: SelectedInstance["selectedBy"],
): SelectedInstance {
  const definition = {
    ...defined,
    extraArgs: selection.extraArgs ?? defined.extraArgs,
    publishSshOn: selection.publishSshOn ?? defined.publishSshOn,
    env: { ...defined.env, ...valuesOfCall(selection.env, conf) },
  };
  const { service } = definition;
  const instance = definition.instance ?? randomInstanceName();
  throwAll(checkNames(service, instance));
  const instanceType = instanceTypeOf(selection.instanceType, definition.instanceType, instance);
  const host = hostNameOf(service, instance);
  const properties = propertiesOf(instanceType, definition.properties, selection.properties);
  return {
    definition,
    service,
    instance,
    host,
    instanceType,
    properties,
    seedCommand: selection.seedCommand,
    selectedBy,
    session: selection.oneOff?.session ?? (properties.interactive ? "terminal" : undefined),
    isAdHoc:
      !conf.instances.includes(defined) &&
      !definedHosts(conf).has(host) &&
      !isUnnamed(definition, instance, conf),
  };
}

/** Whether an instance with a random name is that of a definition without one: the next run finds it again. */
function isUnnamed({ at }: InstanceDefinition, instance: string, { instances }: Conf): boolean {
  const hasUnnamed = instances.some((other) => other.at === at && other.instance === undefined);
  return hasUnnamed && isRandomInstanceName(instance);
}
