import { isIPv4 } from "node:net";
import { dnsSettingsErrors } from "../dns-settings.ts";
import { ReynsError } from "../errors.ts";
import type { EnvValue } from "../project/types.ts";
import type { ResolvedLink } from "./links.ts";
import type { Placed } from "./placement.ts";

/** Everything that an instance asks for: its service's requirements, its own variables, links without a target. */
export function askedOf(
  { wanted, service, isDns }: Placed,
  links: readonly ResolvedLink[],
): Record<string, EnvValue> {
  const required: EnvValue = { kind: "required", secret: false, description: undefined };
  const published = isDns && wanted.properties.publishPorts;
  const needsAddress = wanted.instanceType === "master" || published;
  return withDescription({
    ...(needsAddress
      ? { SERVICE_IP: { ...required, description: "the address of this host at which it answers" } }
      : {}),
    ...service?.requiredVariables,
    ...Object.fromEntries(
      links.map(({ variable, to }) => [
        variable,
        { ...required, description: `the address of ${to}, which does not run here` },
      ]),
    ),
    ...wanted.definition.env,
  });
}

/** Confs can only say that it is needed, and whoever is asked may take it for an address of this host. */
function withDescription(asked: Record<string, EnvValue>): Record<string, EnvValue> {
  const { DNS_SERVICE_IP: dns } = asked;
  if (dns?.kind !== "required" || dns.description !== undefined) return asked;
  const description = "the address of the machine with the DNS";
  return { ...asked, DNS_SERVICE_IP: { ...dns, description } };
}

/** Where an instance's links lead to, as values of their variables. */
export function linkedAddresses(links: readonly ResolvedLink[]): Record<string, string> {
  return Object.fromEntries(
    links.flatMap(({ variable, target }) => (target ? [[variable, target.address]] : [])),
  );
}

const addressVariables = ["SERVICE_IP", "DNS_SERVICE_IP", "PUBLISH_ON_IP"];
const policies = ["REPLACE", "APPEND", "HIDE"];

/** Variables that Reyns itself acts on have to make sense to it. */
export function settingErrors(env: Readonly<Record<string, string>>, host: string): ReynsError[] {
  const settings = dnsSettingsErrors(env, { code: "INVALID_VALUE", who: host });
  return [...addressErrors(env, host), ...policyErrors(env, host), ...settings];
}

function addressErrors(env: Readonly<Record<string, string>>, host: string): ReynsError[] {
  return addressVariables
    .filter((name) => env[name] !== undefined && !isIPv4(env[name]))
    .map(
      (name) =>
        new ReynsError("INVALID_VALUE", `${host}: ${name} is "${env[name]}"`, {
          hint: "accepted: an IPv4 address, or from_INTERFACE",
        }),
    );
}

function policyErrors(env: Readonly<Record<string, string>>, host: string): ReynsError[] {
  const policy = env["DNS_UPDATE_POLICY"];
  if (policy === undefined || policies.includes(policy)) return [];
  const hint = `accepted: ${policies.join(", ")}`;
  return [new ReynsError("INVALID_VALUE", `${host}: DNS_UPDATE_POLICY is "${policy}"`, { hint })];
}
