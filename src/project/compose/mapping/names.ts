import { toValidName } from "../../../model/host-names.ts";

/** The name of a service here: in a host name there is no `_`, no dot and no capital. */
export function serviceName(name: string): string {
  return toValidName(name);
}

/** More names that others may know a service's container by. */
export function extraNames(name: string, containerName: string | undefined): string[] {
  const own = serviceName(name) === name ? [] : [name];
  return containerName === undefined ? own : [...own, containerName];
}
