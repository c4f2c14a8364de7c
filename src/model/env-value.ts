import { inside, ReynsError } from "../errors.ts";
import { isIpv4 } from "../lib/ipv4-range.ts";
import type { DnsVariables, Report } from "./dns-settings.ts";
import type { EnvValue } from "./project.ts";

/** Names that every shell sets: their values mean nothing to a container. */
const shellVariables =
  /^(?:HOME|PATH|PWD|OLDPWD|SHELL|SHLVL|USER|LOGNAME|LANG|LANGUAGE|LC_[A-Z]+|TERM|HOSTNAME|_)$/;

/** Whether every shell has a variable of this name. */
export function isShellVariable(name: string): boolean {
  return shellVariables.test(name);
}

/**
 * A value as the older tools read it: a default, which the caller's environment and `host.conf` override. As it looks like
 * a plain value, that is worth a warning.
 */
export function overridable(name: string, text: string): EnvValue {
  if (isShellVariable(name)) return { kind: "text", text };
  return { kind: "variable", name, text, looksFixed: true };
}

/** Variables with the address of a machine. */
export const addressVariables = ["SERVICE_IP", "DNS_SERVICE_IP", "PUBLISH_ON_IP"];
const policies = ["REPLACE", "APPEND", "HIDE"];

/** The other variables that Reyns itself acts on. Addresses are those of the run: `from_INTERFACE` has become one. */
export function ownVariableErrors(values: DnsVariables, { code, who, at }: Report): ReynsError[] {
  const wrong = (name: string, hint: string): ReynsError => {
    const place = at && inside(at, "env", name);
    return new ReynsError(code, `${who}: ${name} is "${values[name]}"`, { hint, at: place });
  };
  const addresses = addressVariables.filter((name) => {
    const text = values[name];
    return text !== undefined && !isIpv4(text);
  });
  const policy = values["DNS_UPDATE_POLICY"];
  const isPolicy = policy === undefined || policies.includes(policy);
  return [
    ...addresses.map((name) => wrong(name, "accepted: an IPv4 address, or from_INTERFACE")),
    ...(isPolicy ? [] : [wrong("DNS_UPDATE_POLICY", `accepted: ${policies.join(", ")}`)]),
  ];
}
