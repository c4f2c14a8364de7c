import { camelCase } from "../../lib/letter-case.ts";
import { definedHostOf, hostNameOf } from "../../model/host-names.ts";
import { overridable } from "../../model/env-value.ts";
import type { Conf, InstanceDefinition, LinkDefinition, Target } from "../../model/project.ts";
import { formatImport } from "../format-import.ts";
import { currentServiceName } from "./docker-ops.ts";
import { pointsAt, withPatterns } from "./link-targets.ts";
import { inStartOrder, isDns } from "./start-order.ts";
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
  /** Names of the project's services, besides those that the confs name. */
  readonly services: readonly string[];
}

/**
 * Writes a `reyns.ts` with the same plan as older confs: the same instances, one after another.
 *
 * @example
 * convertConfs({ project: "shop", confs, dockerOps: false, services: ["web"] }).text
 */
export function convertConfs({ project, confs, dockerOps, services }: ConfSource): ConvertedConfs {
  const notes: string[] = [];
  const bodies = confs.map((conf, index) => {
    const named = withNames(dnsFirst(conf, notes), conf.name, notes);
    const instances = dockerOps ? named.map((each) => withCurrentNames(each, notes)) : named;
    if (!dockerOps) notePolicy(conf, notes);
    const known = new Set([...services, ...instances.map(({ service }) => service)]);
    const linked = instances.map((instance) => withPatterns(instance, known));
    const ordered = inStartOrder({ ...conf, instances: linked }, notes);
    const statements = formatStatements(ordered, conf.name, notes);
    const isDefault = index === 0 && ["default", "run"].includes(conf.name);
    return isDefault ? statements : wrapInConf(conf.name, statements);
  });
  const body = [`project(${quote(project)});`, ...bodies].join("\n\n");
  return { text: `${formatImport(body)}\n\n${body}\n`, notes: [...new Set(notes)] };
}

function wrapInConf(name: string, statements: string): string {
  return `conf(${quote(name)}, () => {\n${statements.replace(/^(?=.)/gm, "  ")}\n});`;
}

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

/** In a conf, an instance without a name gets a random one at each run; in a `reyns.ts`, each has a name. */
function withNames(
  instances: readonly InstanceDefinition[],
  conf: string,
  notes: string[],
): InstanceDefinition[] {
  const hosts = new Set(instances.map(definedHostOf));
  const targets = instances.flatMap(({ links }) => links.map(({ target }) => target));
  const isTaken = (service: string, instance: string): boolean =>
    hosts.has(hostNameOf(service, instance)) ||
    targets.some((target) => isOneInstance(target) && pointsAt(target, { service, instance }));
  return instances.map((definition) => {
    if (definition.instance !== undefined) return definition;
    const { service } = definition;
    let [instance, number] = [defaultName, 1];
    while (isTaken(service, instance)) instance = String((number += 1));
    const host = hostNameOf(service, instance);
    hosts.add(host);
    notes.push(`${conf}: an instance of ${service} without a name is ${host} now, at each run`);
    return { ...definition, instance };
  });
}

const defaultName = "one";

/** An instance without a name is none that a link names. */
function isOneInstance(target: Target): boolean {
  return "host" in target ? !target.host.includes("*") : target.instance !== null;
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
    noteSleep(instance, conf, notes);
    const statement = formatStatement(instance, names[index - 1]);
    const isUsed = index < instances.length - 1;
    return isUsed ? `const ${names[index]} = ${statement}` : statement;
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

/** `demoOne` for demo-one; `web-2-b` and `web2-b` are both `web2B`. */
function variableNames(instances: readonly InstanceDefinition[]): string[] {
  const taken = new Set(["fromInterface"]);
  return instances.map((instance) => {
    const plain = camelCase(definedHostOf(instance));
    let name = /^[a-z]/.test(plain) ? plain : `instance${plain}`;
    while (taken.has(name)) name += "_";
    taken.add(name);
    return name;
  });
}
