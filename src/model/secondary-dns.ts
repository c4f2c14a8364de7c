import { primaryVariable } from "./dns-settings.ts";
import type { ObservedInstance } from "./observed.ts";
import type { InstanceDefinition } from "./project.ts";

/** Whether an instance copies the zone of another machine's DNS, if it is a DNS. */
export function definesSecondary({ env }: Pick<InstanceDefinition, "env">): boolean {
  return env[primaryVariable] !== undefined;
}

/** The same of one that runs: only the first DNS is registered with itself. */
export function isSecondaryDns({
  isDns,
  address,
  registered,
}: Pick<ObservedInstance, "isDns" | "address" | "registered">): boolean {
  return isDns && registered !== undefined && registered.server !== address;
}
