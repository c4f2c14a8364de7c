import { ReynsError, throwAll } from "../../errors.ts";
import { checkNames, hostNameOf } from "../../model/host-names.ts";
import type { InstanceType } from "../../model/instance-types.ts";
import {
  defineInstance,
  type Conf,
  type InstanceDefinition,
  type Project,
  type ServiceFolder,
} from "../../model/project.ts";
import type { Properties } from "../../model/properties.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import { instanceTypeOf, propertiesOf } from "./instance-types.ts";
import { matches } from "./match.ts";
import { randomInstanceName } from "../../model/resource-names.ts";

/** What a `run` was asked for. */
export interface Selection {
  /** A service's name, a pattern, or "all". */
  readonly service: string;
  readonly instance: string | undefined;
  readonly group: string | undefined;
  readonly instanceType: InstanceType | undefined;
  readonly properties: Partial<Properties>;
  readonly seedCommand: string | undefined;
  readonly extraArgs: string | undefined;
  readonly publishSshOn: number | undefined;
}

/** A call for these instances that overrides nothing. */
export function plainSelection(service: string, group?: string): Selection {
  return {
    service,
    instance: undefined,
    group,
    instanceType: undefined,
    properties: {},
    seedCommand: undefined,
    extraArgs: undefined,
    publishSshOn: undefined,
  };
}

/** One instance that shall run, with everything that the call and its type decide. */
export interface SelectedInstance {
  readonly definition: InstanceDefinition;
  readonly service: string;
  readonly instance: string;
  readonly host: string;
  readonly instanceType: InstanceType;
  readonly properties: Properties;
  readonly seedCommand: string | undefined;
}

/**
 * The instances that a call names, in the order of the conf.
 *
 * @throws ReynsError UNKNOWN_SERVICE, UNKNOWN_GROUP, INVALID_VALUE
 */
export function selectInstances(project: Project, selection: Selection): SelectedInstance[] {
  const definitions = definitionsOf(project, selection);
  return definitions.map((definition) => selectInstance(definition, selection));
}

function definitionsOf(project: Project, selection: Selection): readonly InstanceDefinition[] {
  const { service, instance, group } = selection;
  const { instances } = project.conf;
  if (service === "all")
    return inGroup(
      project,
      instances.filter(({ autorun }) => autorun),
      group,
    );
  if (service.includes("*")) return matching(project, selection);
  const sameName = instances.filter((definition) => definition.service === service);
  if (sameName.length === 0 && !project.services.has(service))
    throw unknownService(project, service);
  const unnamed = sameName.find((definition) => definition.instance === undefined);
  const defined =
    sameName.find((definition) => definition.instance === instance) ??
    (unnamed && { ...unnamed, instance });
  if (defined) return [checkGroup(defined, group)];
  throwAll(checkNames(service, instance));
  return [undefinedInstance(project, service, instance, group, sameName[0]?.image)];
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
    throw new ReynsError(
      "INVALID_PROJECT",
      `the conf "${project.conf.name}" has no instances to run`,
      {
        hint: "define some in reyns.ts with service(), or name a service: reyns run SERVICE",
        at: project.conf.file === undefined ? undefined : { file: project.conf.file },
      },
    );
  }
  if (group === undefined) return instances;
  const members = instances.filter((definition) => definition.group === group);
  if (members.length > 0) return members;
  const groups = new Set(instances.flatMap((definition) => definition.group ?? []));
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
  if (found.length > 0) return found;
  throw new ReynsError(
    "UNKNOWN_INSTANCE",
    `nothing in the conf "${project.conf.name}" matches "${service}"`,
    {
      hint: acceptedHint(
        service,
        new Set(project.conf.instances.map((definition) => definition.service)),
      ),
    },
  );
}

/**
 * The service folders that a call to build means; "all" leaves out those that say so.
 *
 * @throws ReynsError UNKNOWN_SERVICE
 */
export function chooseServices(project: Project, wanted: string): ServiceFolder[] {
  const own = [...project.services.values()].filter(({ folder }) => folder !== undefined);
  if (wanted === "all") return own.filter(({ noAutobuild }) => !noAutobuild);
  const chosen = [...project.services.values()].filter(({ name }) => matches(wanted, name));
  const image = project.conf.instances.find(({ service }) => service === wanted)?.image;
  if (chosen.length === 0 && image !== undefined)
    throw new ReynsError("INVALID_VALUE", `${wanted} is a ready image: there is nothing to build`, {
      hint: `reyns run pulls ${image} when it is not there`,
    });
  if (chosen.length === 0) throw unknownService(project, wanted);
  return chosen;
}

/** Host names of the instances that a conf defines by name. */
export function definedHosts(conf: Conf): Set<string> {
  return new Set(
    conf.instances.flatMap(({ service, instance }) =>
      instance === undefined ? [] : [hostNameOf(service, instance)],
    ),
  );
}

function unknownService(project: Project, service: string): ReynsError {
  const services = [...project.services.values()];
  const names = new Set([
    ...project.conf.instances.map((definition) => definition.service),
    ...services.filter(({ folder }) => folder !== undefined).map(({ name }) => name),
    ...project.services.keys(),
    "all",
  ]);
  return new ReynsError("UNKNOWN_SERVICE", `no service "${service}" in project "${project.name}"`, {
    hint: acceptedHint(service, names),
  });
}

/** An instance that the conf does not define: the service's folder and the instance type say all. */
function undefinedInstance(
  project: Project,
  service: string,
  instance: string | undefined,
  group: string | undefined,
  image: string | undefined,
): InstanceDefinition {
  return defineInstance({ service, instance, group, image, at: { file: project.folder } });
}

function selectInstance(defined: InstanceDefinition, selection: Selection): SelectedInstance {
  const definition = {
    ...defined,
    extraArgs: selection.extraArgs ?? defined.extraArgs,
    publishSshOn: selection.publishSshOn ?? defined.publishSshOn,
  };
  const instance = definition.instance ?? randomInstanceName();
  throwAll(checkNames(definition.service, instance));
  const instanceType = instanceTypeOf(selection.instanceType, definition.instanceType, instance);
  return {
    definition,
    service: definition.service,
    instance,
    host: hostNameOf(definition.service, instance),
    instanceType,
    properties: propertiesOf(instanceType, definition.properties, selection.properties),
    seedCommand: selection.seedCommand,
  };
}
