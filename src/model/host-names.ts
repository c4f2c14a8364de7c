import { ReynsError, type Place } from "../errors.ts";

const labelPattern = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
/** RFC 1035: a host name's label holds at most 63 characters. */
const maxLabelLength = 63;

/** The host name of an instance, also its name in the zone. */
export function hostNameOf(service: string, instance: string): string {
  return `${service}-${instance}`;
}

/**
 * Checks the names that become host names: lower case letters, digits and inner hyphens.
 *
 * @returns every mistake found, none thrown, so that they can be reported together
 */
export function checkNames(
  service: string,
  instance: string | undefined,
  at?: Place,
  instanceAt = at,
): ReynsError[] {
  const errors: ReynsError[] = [];
  for (const [kind, name, place] of [
    ["service", service, at],
    ["instance", instance, instanceAt],
  ] as const) {
    if (name === undefined || labelPattern.test(name)) continue;
    errors.push(
      new ReynsError("INVALID_VALUE", `${kind} name "${name}" cannot be part of a host name`, {
        hint: `use lower case letters, digits and inner hyphens${suggestion(name)}`,
        at: place,
      }),
    );
  }
  const host = hostNameOf(service, instance ?? "");
  if (errors.length === 0 && host.length > maxLabelLength) {
    errors.push(
      new ReynsError(
        "INVALID_VALUE",
        `"${host}" has ${host.length} characters; a host name holds at most ${maxLabelLength}`,
        {
          hint: "shorten the service's or the instance's name",
          at,
        },
      ),
    );
  }
  return errors;
}

/** A project's name from its folder's: lower case, other characters become hyphens. */
export function toValidName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, maxLabelLength)
    .replace(/-+$/, "");
  return name || "project";
}

function suggestion(name: string): string {
  const valid = toValidName(name);
  return labelPattern.test(valid) && /[a-z0-9]/i.test(name) ? `: "${valid}"` : "";
}

/** Checks a project's name given by `project()` or PROJECT_NAME. */
export function checkProjectName(name: string, at?: Place): string {
  if (labelPattern.test(name) && name.length <= maxLabelLength) return name;
  throw new ReynsError("INVALID_VALUE", `project name "${name}" cannot be part of a host name`, {
    hint: `use lower case letters, digits and inner hyphens${suggestion(name)}`,
    at,
  });
}
