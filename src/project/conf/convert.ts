import { camelCase } from "../../lib/letter-case.ts";
import { definedHostOf, hostNameOf } from "../../model/host-names.ts";
import { overridable } from "../../model/env-value.ts";
import type { Conf, InstanceDefinition, LinkDefinition } from "../../model/project.ts";
import { formatImport } from "../format-import.ts";
import { currentServiceName } from "./docker-ops.ts";
import { formatStatement, quote } from "./statement.ts";

/** A `reyns.ts` made of older confs. */
export interface ConvertedConfs {
  /** The text of the `reyns.ts`. */
  readonly text: string;
  /** The differences from the confs. */
  readonly notes: readonly string[];
}

interface ConfSource {
  readonly project: string;
  /** The default conf first. */
  readonly confs: readonly Conf[];
  /** A project of DockerOps: its service names and its default update policy are written out. */
  readonly dockerOps: boolean;
}

/**
 * Writes a `reyns.ts` with the same plan as older confs: the same instances, one after another.
 *
 * @example
 * convertConfs({ project: "shop", confs: [readConfFile("default.conf", "default")], dockerOps: false }).text
 */
export function convertConfs({ project, confs, dockerOps }: ConfSource): ConvertedConfs {
  const notes: string[] = [];
  const bodies = confs.map((conf, index) => {
    const ordered = dnsFirst(conf, notes);
    const instances = dockerOps
      ? ordered.map((instance) => withCurrentNames(instance, notes))
      : ordered;
    if (!dockerOps) notePolicy(conf, notes);
    const statements = formatStatements(instances, conf.name, notes);
    return index === 0 ? statements : wrapInConf(conf.name, statements);
  });
  const body = [`project(${quote(project)});`, ...bodies].join("\n\n");
  return { text: `${formatImport(body)}\n\n${body}\n`, notes: [...new Set(notes)] };
}

function wrapInConf(name: string, statements: string): string {
  return `conf(${quote(name)}, () => {\n${statements.replace(/^(?=.)/gm, "  ")}\n});`;
}

const isDns = ({ service }: InstanceDefinition): boolean => /^(reyns|dockerops)-dns$/.test(service);

/** In a conf, only the instance of a service that registered last answers for its name. */
function notePolicy({ name, instances }: Conf, notes: string[]): void {
  const byService = Map.groupBy(instances, ({ service }) => service);
  for (const [service, members] of byService)
    if (members.length > 1 && members.some(({ env }) => !("DNS_UPDATE_POLICY" in env)))
      notes.push(
        `${name}: all instances of ${service} answer for its name now; env: { DNS_UPDATE_POLICY: "REPLACE" } undoes that`,
      );
}

/** Moves the DNS to the front, as everything else waits for it. */
function dnsFirst({ name, instances }: Conf, notes: string[]): readonly InstanceDefinition[] {
  const servers = instances.filter(isDns);
  const others = instances.filter((instance) => !isDns(instance));
  const isMoved = !instances.slice(0, servers.length).every(isDns);
  if (isMoved) notes.push(`${name}: the DNS starts first, as everything else waits for it`);
  return [...servers, ...others];
}

function withCurrentNames(instance: InstanceDefinition, notes: string[]): InstanceDefinition {
  const service = currentServiceName(instance.service);
  if (service !== instance.service)
    notes.push(`${instance.service} is called ${service} now, in host names too`);
  const links = instance.links.map(({ name, target }): LinkDefinition => ({
    name,
    target:
      "host" in target
        ? { host: currentServiceName(target.host) }
        : { ...target, service: currentServiceName(target.service) },
  }));
  const policy = overridable("DNS_UPDATE_POLICY", "APPEND");
  return { ...instance, service, links, env: { DNS_UPDATE_POLICY: policy, ...instance.env } };
}

/** One statement for each instance; each comes after the previous one, as in the conf. */
function formatStatements(
  instances: readonly InstanceDefinition[],
  conf: string,
  notes: string[],
): string {
  const names = variableNames(instances);
  const lines = instances.map((instance, index) => {
    const previous = instances[index - 1];
    const after = previous && names.get(previous);
    if (previous && after === undefined)
      notes.push(`${conf}: nothing can come after ${previous.service}, which has no instance name`);
    noteSleep(instance, conf, notes);
    noteLaterLinks(instance, instances.slice(index + 1), conf, notes);
    const statement = formatStatement(instance, after);
    const name = names.get(instance);
    const isUsed = index < instances.length - 1 && name !== undefined;
    return isUsed ? `const ${name} = ${statement}` : statement;
  });
  return lines.join("\n");
}

function noteSleep(
  { sleep, service, instance }: InstanceDefinition,
  conf: string,
  notes: string[],
): void {
  if (sleep === 0) return;
  const host = definedHostOf({ service, instance });
  notes.push(
    `${conf}: removed the sleep of ${sleep} s after ${host}: the next instance waits until it is ready`,
  );
}

/** In a conf, a link only reaches earlier instances; in a `reyns.ts`, an instance waits for all its links. */
function noteLaterLinks(
  { service, links }: InstanceDefinition,
  later: readonly InstanceDefinition[],
  conf: string,
  notes: string[],
): void {
  for (const { name, target } of links) {
    const isLater = later.some((instance) =>
      "host" in target
        ? target.host === hostNameOf(instance.service, instance.instance ?? "")
        : target.service === instance.service && instance.service !== service,
    );
    if (isLater)
      notes.push(
        `${conf}: the link ${name} of ${service} refers to a later instance: remove the link or the after`,
      );
  }
}

/** `demoOne` for demo-one; none for an instance without a name. */
function variableNames(instances: readonly InstanceDefinition[]): Map<InstanceDefinition, string> {
  const named = instances.flatMap((definition) => {
    const { service, instance } = definition;
    if (instance === undefined) return [];
    return [[definition, variableName(hostNameOf(service, instance))] as const];
  });
  return new Map(named);
}

function variableName(host: string): string {
  const name = camelCase(host);
  return /^[a-z]/.test(name) ? name : `instance${name}`;
}
