import { nearest } from "../../lib/suggest.ts";
import type { Target } from "../../model/project.ts";
import { hostNameOf } from "../../model/host-names.ts";

/** True when `name` matches a pattern in which `*` stands for any characters; one of several, after commas. */
export function matches(pattern: string, name: string): boolean {
  // Nearly always: each link is compared with each instance.
  if (!isPattern(pattern)) return pattern === name;
  return patternsOf(pattern).some((one) => matchesOne(one, name));
}

/** The patterns in `web,api*`. A name has no comma. */
export function patternsOf(pattern: string): string[] {
  return pattern.split(",");
}

/** Whether a text may mean several names. */
export function isPattern(text: string): boolean {
  return /[*,]/.test(text);
}

function matchesOne(pattern: string, name: string): boolean {
  const [start = "", ...parts] = pattern.split("*");
  const end = parts.pop();
  if (end === undefined) return pattern === name;
  if (!name.startsWith(start)) return false;
  // Each part at its first place after the one before; a regular expression would try all the others, too.
  let from = start.length;
  for (const part of parts) {
    const found = name.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return name.endsWith(end) && name.length - end.length >= from;
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

/** A hint for a word that is not like an instance of its service, but like another service. */
export function otherServiceHint(
  word: string,
  instances: readonly string[],
  services: readonly string[],
): string | undefined {
  const other = nearest(word, instances) === undefined ? nearest(word, services) : undefined;
  return other === undefined ? undefined : `did you mean the service "${other}"?`;
}
