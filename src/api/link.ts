import type { LinkDefinition, Target } from "../model/project.ts";

/** Points to an instance that `service()` or `dns()` has defined. */
export interface ServiceHandle {
  readonly service: string;
  /** `null`: any running instance of the service. */
  readonly instance: string | null;
}

/**
 * Points to instances: the return value of `service()` or `dns()`, a service's name (any running instance), or a
 * pattern of host names such as `"db-*"`.
 */
export type TargetInput = Target | string;

/**
 * Links an instance to another one: the link's name resolves to its address inside the instance, and the variable
 * `NAME_SERVICE_IP` holds that address. The instance starts once the other one is ready.
 *
 * @param target the return value of `service()` or `dns()`, a service's name (any running instance), or a pattern of
 *   host names such as `"db-*"` or `{ host: "db-one" }`
 * @param name the name of the link. Default: the service's name
 * @example
 * service("web", { instance: "one", links: [link(db), link("cache-*", "cache")] });
 */
export function link(target: TargetInput, name?: string): LinkDefinition {
  // A wrong target is reported later, with the instance that has the link: files may be loaded without a type check.
  if (!isTarget(target)) return { name: name ?? "", target };
  const known = toTarget(target);
  return { name: name ?? defaultName(known), target: known };
}

/** The accepted targets, for messages. */
export const targetForm =
  'the return value of service() or dns(), a service\'s name, or a pattern such as "db-*"';

/** Targets under names of any choice, `{ db, restart: true }`: a replacement of one of them restarts the instance. */
export type RestartingTargets = { readonly restart: boolean } & Readonly<
  Record<string, TargetInput | boolean>
>;

export function isRestarting(value: unknown): value is RestartingTargets {
  if (typeof value !== "object" || value === null || !("restart" in value)) return false;
  const targets = Object.entries(value).filter(([name]) => name !== "restart");
  return (
    typeof value.restart === "boolean" &&
    targets.length > 0 &&
    targets.every(([, target]) => isTarget(target))
  );
}

/** The targets of `{ db, restart: true }`. */
export function targetsIn(given: RestartingTargets): Target[] {
  return Object.values(given).flatMap((target) => (isTarget(target) ? toTarget(target) : []));
}

/** `"db"` is any running instance of db, `"db-*"` every host name that matches. */
export function toTarget(target: TargetInput): Target {
  if (typeof target !== "string") return target;
  return target.includes("*") ? { host: target } : { service: target, instance: null };
}

/** Whether a value is the return value of `service()`, `job()` or `dns()`. */
export function isHandle(value: unknown): value is ServiceHandle {
  return typeof value === "object" && isTarget(value) && "service" in value;
}

/** `db-*` -> `db` */
function defaultName(target: Target): string {
  if (!("host" in target)) return target.service;
  return target.host.replaceAll("*", "").replace(/^-+|-+$/g, "");
}

export function isTarget(value: unknown): value is TargetInput {
  if (typeof value === "string") return value !== "";
  if (typeof value !== "object" || value === null || hasOtherKeys(value)) return false;
  if ("host" in value) return isName(value.host);
  return "service" in value && isName(value.service) && hasInstance(value);
}

function hasInstance(value: object): boolean {
  return "instance" in value && (value.instance === null || isName(value.instance));
}

/** The keys of what looks like a target, or like the return value of `link()`. */
export function keysLike(value: object): readonly string[] | undefined {
  if ("host" in value && isName(value.host)) return ["host"];
  if ("service" in value && isName(value.service) && hasInstance(value))
    return ["service", "instance"];
  return "target" in value && "name" in value && isName(value.name)
    ? ["name", "target"]
    : undefined;
}

/** A key that a target or a link does not have was meant to do something. */
export function hasOtherKeys(value: object): boolean {
  const keys = keysLike(value);
  return keys !== undefined && Object.keys(value).some((key) => !keys.includes(key));
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

export function isLink(value: unknown): value is LinkDefinition {
  if (typeof value !== "object" || value === null || hasOtherKeys(value)) return false;
  return "name" in value && isName(value.name) && "target" in value && isTarget(value.target);
}
