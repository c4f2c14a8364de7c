import { ReynsError, type Place } from "../errors.ts";

/** Labels of a name in the DNS, in lower case: letters, digits and inner hyphens. @see RFC 1035, section 2.3.1 */
const labelPattern = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
/** @see RFC 1035, section 2.3.4 */
export const maxLabelLength = 63;

const rule = "use lower case letters, digits and inner hyphens";

/** True for a lower case label of a DNS name, RFC 1035. */
export function isDnsLabel(text: string): boolean {
  return text.length <= maxLabelLength && labelPattern.test(text);
}

/** The host name of an instance, also its name in the zone. */
export function hostNameOf(service: string, instance: string): string {
  return `${service}-${instance}`;
}

/** The host name of a defined instance; the service's name where each run chooses the instance. */
export function definedHostOf({ service, instance }: DefinedName): string {
  return instance === undefined ? service : hostNameOf(service, instance);
}

/** The variable that a link sets: `MY-APP` -> `MY_APP_SERVICE_IP` */
export function linkVariable(name: string): string {
  return `${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}_SERVICE_IP`;
}

interface DefinedName {
  readonly service: string;
  readonly instance: string | undefined;
}

/**
 * Checks the names that form a host name.
 *
 * @returns all mistakes, so that they can be reported together
 */
export function checkNames(
  service: string,
  instance: string | undefined,
  at?: Place,
  instanceAt = at,
): ReynsError[] {
  const errors = [
    ...checkName("service", service, at),
    ...(instance === undefined ? [] : checkName("instance", instance, instanceAt)),
  ];
  const host = hostNameOf(service, instance ?? "");
  if (errors.length > 0 || host.length <= maxLabelLength) return errors;
  const message = `host name "${host}" has ${host.length} characters; at most ${maxLabelLength} are allowed`;
  const hint = "shorten the name of the service or the instance";
  return [new ReynsError("INVALID_VALUE", message, { hint, at })];
}

/** Commands take these for every service of the project, and for every container on the host. */
const reservedServices = new Set(["all", "reallyall"]);

function checkName(kind: string, name: string, at: Place | undefined): ReynsError[] {
  if (!labelPattern.test(name)) return [invalidName(kind, name, at)];
  if (kind !== "service" || !reservedServices.has(name)) return [];
  const hint = `choose another name: in commands, "${name}" stands for more than one service`;
  return [
    new ReynsError("INVALID_VALUE", `"${name}" cannot be the name of a service`, { hint, at }),
  ];
}

function invalidName(kind: string, name: string, at: Place | undefined): ReynsError {
  const hint = `${rule}${suggestion(name)}`;
  return new ReynsError("INVALID_VALUE", `invalid ${kind} name "${name}"`, { hint, at });
}

function suggestion(name: string): string {
  const valid = toValidName(name);
  return labelPattern.test(valid) && /[a-z0-9]/i.test(name) ? `: "${valid}"` : "";
}

/** Turns the name of a folder into that of a project: lower case, hyphens for other characters. */
export function toValidName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, maxLabelLength)
    .replace(/-+$/, "");
  return name || "project";
}

/**
 * Checks the name of a project, from `project()` or PROJECT_NAME.
 *
 * @throws ReynsError INVALID_VALUE
 */
export function checkProjectName(name: string, at?: Place): string {
  if (isDnsLabel(name)) return name;
  throw invalidName("project", name, at);
}
