import type { Target } from "../project/types.ts";
import { hostNameOf } from "../project/names.ts";

/** True when `name` matches a pattern in which `*` stands for any characters. */
export function matches(pattern: string, name: string): boolean {
  if (!pattern.includes("*")) return pattern === name;
  const source = pattern
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${source}$`).test(name);
}

/** True when an instance is one that a link or `after` points to. */
export function pointsTo(target: Target, service: string, instance: string): boolean {
  if ("host" in target) return matches(target.host, hostNameOf(service, instance));
  return (
    matches(target.service, service) &&
    (target.instance === null || matches(target.instance, instance))
  );
}

/** A target in words, for messages. */
export function describeTarget(target: Target): string {
  if ("host" in target) return target.host;
  return target.instance === null ? target.service : hostNameOf(target.service, target.instance);
}
