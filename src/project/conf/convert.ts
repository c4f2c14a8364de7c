import { hostNameOf } from "../../model/host-names.ts";
import type { Conf, EnvValue, InstanceDefinition, LinkDefinition } from "../../model/project.ts";
import type { Properties } from "../../model/properties.ts";

export interface Converted {
  /** The `reyns.ts`. */
  readonly text: string;
  /** What it does not say as the confs did. */
  readonly notes: readonly string[];
}

interface Source {
  readonly project: string;
  /** The default one first. */
  readonly confs: readonly Conf[];
  /** A project of the oldest tool: its names and its standard policy are said outright. */
  readonly dockerOps: boolean;
}

/**
 * Writes the `reyns.ts` that gives the same plan as older confs: the same instances one after another.
 *
 * @example
 * convertConfs({ project: "shop", confs: [readConfFile("default.conf", "default")], dockerOps: false }).text
 */
export function convertConfs({ project, confs, dockerOps }: Source): Converted {
  const notes: string[] = [];
  const bodies = confs.map((conf, index) => {
    const instances = dnsFirst(conf, notes).map((one) => (dockerOps ? renamed(one, notes) : one));
    const lines = statements(instances, conf.name, notes);
    return index === 0 ? lines : wrapped(conf.name, lines);
  });
  const body = [`project(${text(project)});`, ...bodies].join("\n\n");
  return { text: `${importsFor(body)}\n\n${body}\n`, notes: [...new Set(notes)] };
}

const apiWords = ["conf", "dns", "fromInterface", "link", "project", "required", "service"];

function importsFor(body: string): string {
  const used = apiWords.filter((word) => new RegExp(`\\b${word}\\(`).test(body));
  return `import { ${used.join(", ")} } from "reyns";`;
}

function wrapped(name: string, lines: string): string {
  return `conf(${text(name)}, () => {\n${lines.replace(/^(?=.)/gm, "  ")}\n});`;
}

const isDns = ({ service }: InstanceDefinition): boolean => /^(reyns|dockerops)-dns$/.test(service);

/** Everything else waits for the DNS: where it stood later, it comes first now. */
function dnsFirst({ name, instances }: Conf, notes: string[]): readonly InstanceDefinition[] {
  const servers = instances.filter(isDns);
  const moved = servers.length > 0 && instances.slice(0, servers.length).some((one) => !isDns(one));
  if (moved) notes.push(`${name}: the DNS starts first, as everything else waits for it`);
  return [...servers, ...instances.filter((one) => !isDns(one))];
}

function renamed(one: InstanceDefinition, notes: string[]): InstanceDefinition {
  const current = (service: string): string =>
    service.replace(/^dockerops-(?=(common|base|dns)(-|$))/, "reyns-");
  const service = current(one.service);
  if (service !== one.service)
    notes.push(`${one.service} is called ${service} now, in host names too`);
  const links = one.links.map(({ name, target }): LinkDefinition => ({
    name,
    target:
      "host" in target
        ? { host: current(target.host) }
        : { ...target, service: current(target.service) },
  }));
  const policy: EnvValue = { kind: "text", text: "APPEND" };
  return { ...one, service, links, env: { DNS_UPDATE_POLICY: policy, ...one.env } };
}

/** One statement an instance; each comes after the one before, as in the conf. */
function statements(
  instances: readonly InstanceDefinition[],
  conf: string,
  notes: string[],
): string {
  const names = variableNames(instances);
  const lines = instances.map((one, index) => {
    const before = instances[index - 1];
    const after = before && names.get(before);
    if (before && after === undefined)
      notes.push(`${conf}: nothing can come after ${before.service} without an instance name`);
    noteSleep(one, conf, notes);
    noteLaterLinks(one, instances.slice(index + 1), conf, notes);
    const call = statement(one, after);
    const name = names.get(one);
    const isUsed = index < instances.length - 1 && name !== undefined;
    return isUsed ? `const ${name} = ${call}` : call;
  });
  return lines.join("\n");
}

function noteSleep(
  { sleep, service, instance }: InstanceDefinition,
  conf: string,
  notes: string[],
): void {
  if (sleep === 0) return;
  const host = instance === undefined ? service : hostNameOf(service, instance);
  notes.push(
    `${conf}: the sleep of ${sleep} s after ${host} is gone: what comes after it waits until it is ready`,
  );
}

/** In a conf a link sees only what stands before it; here everything waits for what it links to. */
function noteLaterLinks(
  { service, links }: InstanceDefinition,
  later: readonly InstanceDefinition[],
  conf: string,
  notes: string[],
): void {
  for (const { name, target } of links) {
    const isLater = later.some((one) =>
      "host" in target
        ? target.host === hostNameOf(one.service, one.instance ?? "")
        : target.service === one.service && one.service !== service,
    );
    if (isLater) {
      notes.push(
        `${conf}: the link ${name} of ${service} leads to what comes later: take out the link or the after`,
      );
    }
  }
}

/** `demoOne` for demo-one; none for an instance without a name. */
function variableNames(instances: readonly InstanceDefinition[]): Map<InstanceDefinition, string> {
  const named = instances.flatMap((one) =>
    one.instance === undefined
      ? []
      : [[one, camelCase(hostNameOf(one.service, one.instance))] as const],
  );
  return new Map(named);
}

function camelCase(host: string): string {
  const name = host.replace(/-+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return /^[a-z]/.test(name) ? name : `instance${name}`;
}

const widest = 90;

/** On one line where it fits, else a line for each field. */
function statement(one: InstanceDefinition, after: string | undefined): string {
  const fields = fieldsOf(one, after);
  const [name, words] =
    one.service === "reyns-dns" ? ["dns", []] : ["service", [text(one.service)]];
  const call = (options: readonly string[]): string =>
    `${name}(${[...words, ...options].join(", ")});`;
  if (fields.length === 0) return call([]);
  const short = call([`{ ${fields.join(", ")} }`]);
  return short.length <= widest
    ? short
    : call([`{\n${fields.map((field) => `  ${field},\n`).join("")}}`]);
}

function fieldsOf(one: InstanceDefinition, after: string | undefined): string[] {
  const { instance, instanceType, group, autorun, links, env, properties, volumes } = one;
  const { hostname, privileged, extraArgs, publishSshOn } = one;
  const given: Record<string, string | undefined> = {
    instance: instance && text(instance),
    instanceType: instanceType && text(instanceType),
    group: group && text(group),
    autorun: autorun ? undefined : "false",
    links: list(links.map(linkText)),
    after: after && `[${after}]`,
    env: record(env),
    volumes: list(volumes.map(text)),
    hostname: hostname && text(hostname),
    privileged: privileged === undefined ? undefined : String(privileged),
    extraArgs: extraArgs && text(extraArgs),
    publishSshOn: publishSshOn === undefined ? undefined : String(publishSshOn),
    ...propertyTexts(properties),
  };
  return Object.entries(given).flatMap(([key, value]) =>
    value === undefined ? [] : `${key}: ${value}`,
  );
}

function propertyTexts(properties: Partial<Properties>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, String(value)]),
  );
}

function linkText({ name, target }: LinkDefinition): string {
  if ("host" in target) return `link({ host: ${text(target.host)} }, ${text(name)})`;
  const { service, instance } = target;
  if (instance === null) return `link(${text(service)}, ${text(name)})`;
  return `link({ service: ${text(service)}, instance: ${text(instance)} }, ${text(name)})`;
}

function record(env: Readonly<Record<string, EnvValue>>): string | undefined {
  const entries = Object.entries(env).map(([name, value]) => `${keyText(name)}: ${envText(value)}`);
  return entries.length === 0 ? undefined : `{ ${entries.join(", ")} }`;
}

function keyText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name);
}

function envText(value: EnvValue): string {
  if (value.kind === "required") return "required()";
  const name = /^from_(.+)$/.exec(value.text)?.[1];
  return name === undefined ? text(value.text) : `fromInterface(${text(name)})`;
}

function list(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : `[${items.join(", ")}]`;
}

function text(value: string): string {
  return JSON.stringify(value);
}
