import type { LinkDefinition, Target } from "../model/project.ts";

/** A handle, a service's name (any running instance), or a pattern of host names such as `"db-*"`. */
export type TargetInput = Target | string;

/**
 * Links an instance to another: the name resolves to it, and `NAME_SERVICE_IP` holds its address. It starts when the
 * other one is ready.
 *
 * @param target a handle, a service's name (any running instance), or a pattern such as `"db-*"` or `{ host: "db-one" }`
 * @param name the link's name; the service's unless given
 * @example
 * service("web", { links: [link(db), link("cache-*", "cache")] });
 */
export function link(target: TargetInput, name?: string): LinkDefinition {
  // Types bind only who checks them: what this is not, is told of with the instance that has it.
  if (!isTarget(target)) return { name: name ?? "", target };
  const known = targetOf(target);
  return { name: name ?? nameOf(known), target: known };
}

/** What a target may be, in words. */
export const targetForm =
  'what service() or dns() returned, a service\'s name, or a pattern such as "db-*"';

/** `"db"` is any running instance of db, `"db-*"` whatever host name matches. */
export function targetOf(target: TargetInput): Target {
  if (typeof target !== "string") return target;
  return target.includes("*") ? { host: target } : { service: target, instance: null };
}

/** `db-*` -> `db` */
function nameOf(target: Target): string {
  if (!("host" in target)) return target.service;
  return target.host.replaceAll("*", "").replace(/^-+|-+$/g, "");
}

export function isTarget(value: unknown): value is TargetInput {
  if (typeof value === "string") return value !== "";
  if (typeof value !== "object" || value === null) return false;
  if ("host" in value) return isName(value.host);
  return "service" in value && isName(value.service) && hasInstance(value);
}

function hasInstance(value: object): boolean {
  return "instance" in value && (value.instance === null || isName(value.instance));
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

export function isLink(value: unknown): value is LinkDefinition {
  if (typeof value !== "object" || value === null) return false;
  return "name" in value && isName(value.name) && "target" in value && isTarget(value.target);
}
