import type { EnvValue, InstanceDefinition, LinkDefinition } from "../../model/project.ts";
import type { Properties } from "../../model/properties.ts";
import {
  defaultRouter,
  routerService,
  routerVolume,
  type RouteDefinition,
  type RouterSettings,
} from "../../model/routes.ts";

const maxWidth = 90;

/**
 * Writes an instance as a call of service() or dns(): on one line if it fits, else with a line for each field.
 *
 * @param after the variable of the instance that it comes after
 */
export function formatStatement(instance: InstanceDefinition, after: string | undefined): string {
  const fields = fieldsOf(instance, after);
  const [name, args] = functionOf(instance.service);
  const call = (options: readonly string[]): string =>
    `${name}(${[...args, ...options].join(", ")});`;
  if (fields.length === 0) return call([]);
  const short = call([`{ ${fields.join(", ")} }`]);
  return short.length <= maxWidth
    ? short
    : call([`{\n${fields.map((field) => `  ${field},\n`).join("")}}`]);
}

function functionOf(service: string): readonly [name: string, args: readonly string[]] {
  if (service === "reyns-dns") return ["dns", []];
  return service === routerService ? ["router", []] : ["service", [quote(service)]];
}

function fieldsOf(definition: InstanceDefinition, after: string | undefined): string[] {
  const { instance, instanceType, group, autorun, links, env, properties, volumes } = definition;
  const { hostname, privileged, extraArgs, publishSshOn } = definition;
  const values: Record<string, string | undefined> = {
    instance: instance && quote(instance),
    instanceType: instanceType && quote(instanceType),
    group: group && quote(group),
    autorun: autorun ? undefined : "false",
    job: definition.job && "true",
    links: formatList(links.map(formatLink)),
    after: after && `[${after}]`,
    env: formatRecord(env),
    ...formatRouter(definition.router),
    route: formatRoutes(definition.routes ?? []),
    volumes: formatList(
      volumes
        .filter((volume) => typeof volume === "string" && volume !== routerVolume)
        .map(String)
        .map(quote),
    ),
    hostname: hostname && quote(hostname),
    privileged: privileged === undefined ? undefined : String(privileged),
    extraArgs: extraArgs && quote(extraArgs),
    publishSshOn: publishSshOn === undefined ? undefined : String(publishSshOn),
    ...formatProperties(properties),
  };
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : `${key}: ${value}`,
  );
}

/** The settings that are not the default. */
function formatRouter(settings: RouterSettings | undefined): Record<string, string> {
  const given = Object.entries({ ...defaultRouter, ...settings }).filter(
    ([name, value]) => value !== defaultRouter[name as keyof RouterSettings],
  );
  return Object.fromEntries(given.map(([name, value]) => [name, JSON.stringify(value ?? false)]));
}

function formatRoutes(routes: readonly RouteDefinition[]): string | undefined {
  const [first, ...others] = routes.map(formatRoute);
  return others.length === 0 ? first : formatList([first ?? "", ...others]);
}

/** The fields that are not the default. */
function formatRoute({ host, path, ...fields }: RouteDefinition): string {
  const given = Object.entries(fields).filter(
    ([, value]) => value !== undefined && value !== false && value !== "http",
  );
  if (given.length === 0) return quote(`${host}${path === "/" ? "" : path}`);
  const all = [["host", host], ...(path === "/" ? [] : [["path", path]]), ...given] as const;
  return `{ ${all.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ")} }`;
}

function formatProperties(properties: Partial<Properties>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, String(value)]),
  );
}

function formatLink({ name, target }: LinkDefinition): string {
  if ("host" in target) return `link({ host: ${quote(target.host)} }, ${quote(name)})`;
  const { service, instance } = target;
  if (instance === null) return `link(${quote(service)}, ${quote(name)})`;
  return `link({ service: ${quote(service)}, instance: ${quote(instance)} }, ${quote(name)})`;
}

function formatRecord(env: Readonly<Record<string, EnvValue>>): string | undefined {
  const entries = Object.entries(env).map(
    ([name, value]) => `${formatKey(name)}: ${formatEnvValue(value)}`,
  );
  return entries.length === 0 ? undefined : `{ ${entries.join(", ")} }`;
}

function formatKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
}

/** The caller's environment wins over the values of a conf, as it does over `variable()`. */
function formatEnvValue(value: EnvValue): string {
  if (value.kind === "required") return "required()";
  const name = /^from_(.+)$/.exec(value.text)?.[1];
  const text = name === undefined ? quote(value.text) : `fromInterface(${quote(name)})`;
  return value.kind === "text" ? text : `variable(${quote(value.name)}, ${text})`;
}

function formatList(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : `[${items.join(", ")}]`;
}

export function quote(value: string): string {
  return JSON.stringify(value);
}
