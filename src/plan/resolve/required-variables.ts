import { isShellName } from "../../lib/shell-quote.ts";
import { dnsSettingsErrors } from "../../model/dns-settings.ts";
import { addressVariables, ownVariableErrors } from "../../model/env-value.ts";
import { ReynsError } from "../../errors.ts";
import { copyNameOf } from "../../model/copy-origin.ts";
import { ownNetwork } from "../../model/resource-names.ts";
import type { EnvValue, Project } from "../../model/project.ts";
import { secretName } from "../../model/secret-names.ts";
import type { ResolvedEnvironment } from "./environment.ts";
import type { ResolvedLink } from "./links.ts";
import type { Placed } from "./placement.ts";

/** Everything that an instance asks for: its service's requirements, its own variables, links without a target. */
export function requestedVariables(
  { selected, service, isDns }: Placed,
  links: readonly ResolvedLink[],
): Record<string, EnvValue> {
  const required: EnvValue = { kind: "required", secret: false, description: undefined };
  const published = isDns && selected.properties.publishPorts;
  const needsAddress = selected.instanceType === "master" || published;
  const asked = withDescription({
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
    ...selected.definition.env,
  });
  return Object.fromEntries(
    Object.entries(asked).map(([name, value]) => [name, markSecret(name, value)]),
  );
}

/** What is asked for under the name of a secret is one, though a conf has no word for it. */
function markSecret(name: string, value: EnvValue): EnvValue {
  if (value.kind !== "required") return value;
  const isAddress = addressVariables.includes(name);
  return { ...value, secret: !isAddress && (value.secret || secretName.test(name)) };
}

/** Names of the secret ones. A text of the definition is none, as whoever reads that has read it; one of the call may be. */
export function secretNames(asked: Readonly<Record<string, EnvValue>>): string[] {
  return Object.entries(asked).flatMap(([name, value]) =>
    value.kind !== "variable" && value.secret ? name : [],
  );
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

/** Variables that Reyns itself acts on have to make sense to it. */
export function settingErrors(env: Readonly<Record<string, string>>, host: string): ReynsError[] {
  const report = { code: "INVALID_VALUE", who: host } as const;
  return [...ownVariableErrors(env, report), ...dnsSettingsErrors(env, report)];
}

/** What no process could hold, or what could not be handed over to it. No value is quoted: it may be a secret. */
export function environmentErrors(
  env: Readonly<Record<string, string>>,
  secrets: readonly string[],
  host: string,
): ReynsError[] {
  const invalid = (message: string, hint: string): ReynsError =>
    new ReynsError("INVALID_VALUE", `${host}: ${message}`, { hint });
  const cut = Object.entries(env).filter(([, value]) => value.includes("\0"));
  const unsayable = secrets.filter((name) => !isShellName(name));
  return [
    ...cut.map(([name]) =>
      invalid(`the value of ${name} has a NUL in it`, "no variable can hold one: put it in a file"),
    ),
    ...unsayable.map((name) =>
      invalid(
        `${JSON.stringify(name)} is no name for a secret`,
        "accepted: letters, digits and _, the first no digit",
      ),
    ),
  ];
}

type ResolvedVariables = Pick<ResolvedEnvironment, "values" | "missing">;

/**
 * The variables of an instance of a copy, or in a network that spans all nodes. Addresses of machines lead to the project
 * itself, whose ports are published there: in a copy, SERVICE_IP is the instance's own address, and DNS_SERVICE_IP that
 * of the copy's DNS. Ports are published at the same address of the host. In a network of all nodes an instance is found
 * at its own address, too, and DNS_SERVICE_IP is in that network already.
 */
export function withOwnAddresses<Resolved extends ResolvedVariables>(
  resolved: Resolved,
  { address }: Pick<Placed, "address">,
  { project, links }: { readonly project: Project; readonly links: readonly ResolvedLink[] },
): Resolved {
  const isSpanning = project.conf.networks?.[ownNetwork]?.isSpanning ?? false;
  if (copyNameOf(project.origin) === undefined && !isSpanning) return resolved;
  const { SERVICE_IP: given, DNS_SERVICE_IP: told, ...others } = resolved.values;
  const { DNS_SERVICE_IP: linked } = linkedAddresses(links);
  const dns = isSpanning ? (told ?? linked) : linked;
  const publishOn = others["PUBLISH_ON_IP"] ?? given;
  const isAsked = given !== undefined || isMissing("SERVICE_IP", resolved);
  return {
    ...resolved,
    values: {
      ...others,
      ...(isAsked && { SERVICE_IP: address }),
      ...(publishOn !== undefined && { PUBLISH_ON_IP: publishOn }),
      ...(dns !== undefined && { DNS_SERVICE_IP: dns }),
    },
    missing: resolved.missing.filter(({ name }) => !machineAddresses.has(name)),
  };
}

const machineAddresses: ReadonlySet<string> = new Set(["SERVICE_IP", "DNS_SERVICE_IP"]);

function isMissing(variable: string, { missing }: ResolvedVariables): boolean {
  return missing.some(({ name }) => name === variable);
}
