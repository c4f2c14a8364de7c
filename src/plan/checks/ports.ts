import ipaddr from "ipaddr.js";
import type { PublishedPort } from "../../model/container-spec.ts";
import { freePort } from "../../model/ports.ts";
import type { Project } from "../../model/project.ts";
import { ReynsError } from "../../errors.ts";
import type { DescribedStart } from "../describe/described-start.ts";
import type { EnvironmentSources } from "../resolve/environment.ts";
import type { HostAddress } from "../../model/networks.ts";
import { placeOfPort, replicasHint } from "./port-source.ts";

export interface Publishing {
  readonly project: Project;
  readonly sources: EnvironmentSources;
  /** The call's word that a DNS may answer on a public address. */
  readonly allowPublic: boolean;
  /** Those of the Engine's machine; undefined where they are not known. */
  readonly hostAddresses: readonly HostAddress[] | undefined;
}

/** What forbids to publish the ports of instances that start together. */
export function publishingErrors(
  starting: readonly DescribedStart[],
  publishing: Publishing,
): ReynsError[] {
  const ofDns = (one: DescribedStart): ReynsError[] =>
    one.placed.isDns ? dnsErrors(one, publishing) : [];
  const isCompose = publishing.project.conf.isCompose === true;
  const sound = starting.filter((one) => ofDns(one).length === 0);
  return [
    ...foreignAddressErrors(starting, publishing),
    ...starting.flatMap(ofDns),
    ...repeatedPortErrors(sound, isCompose),
    ...duplicatePortErrors(starting, isCompose),
  ];
}

/** An address that others are told to use, and that leads here only if something else sees to it. */
export function publishingWarnings(
  { step: { spec, host, register, address: own } }: DescribedStart,
  { hostAddresses, project }: Publishing,
): string[] {
  const address = spec.env["SERVICE_IP"];
  if (
    !register ||
    address === undefined ||
    address === own ||
    isHostAddress(address, hostAddresses)
  )
    return [];
  const remedy =
    project.conf.nodes === undefined
      ? "something has to lead there"
      : "if that has another one now, correct the address in node()";
  return [`${host}: SERVICE_IP, ${address}, is no address of its machine; ${remedy}`];
}

export function isEveryAddress(ip: string): boolean {
  return ip === "" || ip === "0.0.0.0" || ip === "::";
}

/** Whether only one of two can have its port. */
export function collide(
  one: Pick<PublishedPort, "host" | "protocol" | "ip">,
  other: Pick<PublishedPort, "host" | "protocol" | "ip">,
): boolean {
  if (one.host !== other.host || one.host === freePort || one.protocol !== other.protocol)
    return false;
  if (isSameAddress(one.ip, other.ip)) return true;
  const isOtherFamily = familyOf(one.ip) !== undefined && familyOf(other.ip) !== undefined;
  if (isOtherFamily && familyOf(one.ip) !== familyOf(other.ip)) return false;
  return isEveryAddress(one.ip) || isEveryAddress(other.ip);
}

/** The only one that a socket on the address takes: `::` takes both. */
function familyOf(ip: string): "ipv4" | "ipv6" | undefined {
  if (ip === "" || ip === "::") return undefined;
  return ip.includes(":") ? "ipv6" : "ipv4";
}

/** IPv6 addresses can be written in several ways. */
function isSameAddress(one: string, other: string): boolean {
  return one === other || (one.includes(":") && normalize(one) === normalize(other));
}

function normalize(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.parse(address).toNormalizedString() : address;
}

/** `53/tcp+udp on 192.168.1.2`, for ports of one number and address; without the address when it is every one. */
export function portText(
  ports: readonly Pick<PublishedPort, "host" | "protocol" | "ip">[],
): string {
  const [first] = ports;
  const protocols = [...new Set(ports.map(({ protocol }) => protocol))].toSorted().join("+");
  const place = isEveryAddress(first?.ip ?? "") ? "" : ` on ${first?.ip}`;
  return `${first?.host}/${protocols}${place}`;
}

function isHostAddress(address: string, hostAddresses: Publishing["hostAddresses"]): boolean {
  if (!hostAddresses || isEveryAddress(address) || isLoopback(address)) return true;
  return hostAddresses.some((own) => isSameAddress(own.address, address));
}

export function isLoopback(address: string): boolean {
  return address.startsWith("127.") || normalize(address) === normalize("::1");
}

function foreignAddressErrors(
  starting: readonly DescribedStart[],
  { hostAddresses }: Publishing,
): ReynsError[] {
  const there = hostAddresses?.map(({ name, address }) => `${address} (${name})`).join(", ");
  const hint = `there are: ${there}\nbehind NAT keep SERVICE_IP, and set PUBLISH_ON_IP to one of these`;
  const ports = starting.flatMap(({ step: { spec, host } }) =>
    spec.ports.map(({ ip }) => ({ ip, host })),
  );
  const strange = ports.filter(({ ip }) => !isHostAddress(ip, hostAddresses));
  return [...Map.groupBy(strange, ({ ip }) => ip)].map(([ip, all]) => {
    const hosts = [...new Set(all.map(({ host }) => host))].join(", ");
    const message = `${hosts}: ports cannot be published on ${ip}, which is no address of its machine`;
    return new ReynsError("INVALID_VALUE", message, { hint });
  });
}

/**
 * The DNS answers whoever asks from a private address. Published on every address it takes the whole world for that,
 * as questions come in by way of the bridge; on a public one it is found by it.
 */
function dnsErrors({ step }: DescribedStart, publishing: Publishing): ReynsError[] {
  const { spec, host } = step;
  const questions = spec.ports.filter(({ container }) => container === 53);
  if (questions.length === 0) return [];
  if (questions.some(({ ip }) => isEveryAddress(ip)))
    return [
      new ReynsError("INVALID_VALUE", `${host}: a DNS is published on one address only`, {
        hint: "set SERVICE_IP, or PUBLISH_ON_IP, to an address of this host in the private network",
      }),
    ];
  const addresses = [spec.env["SERVICE_IP"] ?? "", ...questions.map(({ ip }) => ip)];
  const open = addresses.find((address) => address !== "" && !isPrivate(address));
  if (open === undefined || allowsPublic(publishing)) return [];
  return [
    new ReynsError(
      "INVALID_VALUE",
      `${host}: ${open} is a public address, and the DNS is for private networks only`,
      {
        hint: "set SERVICE_IP to an address of the private network (from_eth1, for example)\nor, behind a firewall, add allow_public=true (ALLOW_PUBLIC in the environment or host.conf)",
      },
    ),
  ];
}

/** Those that the DNS itself takes for private (RFC 6890). */
export const privateRanges = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "192.0.2.0/24",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "198.18.0.0/15",
];

export function isPrivate(address: string): boolean {
  if (ipaddr.IPv6.isValid(address))
    return ["loopback", "uniqueLocal", "linkLocal"].includes(ipaddr.IPv6.parse(address).range());
  const parsed = ipaddr.IPv4.parse(address);
  return privateRanges.some((range) => parsed.match(ipaddr.IPv4.parseCIDR(range)));
}

function allowsPublic({ allowPublic, sources: { caller, hostConf } }: Publishing): boolean {
  const told = caller["ALLOW_PUBLIC"] ?? hostConf["ALLOW_PUBLIC"] ?? "";
  return allowPublic || /^(true|yes|y|1)$/i.test(told);
}

/** Ports that one instance publishes twice; replicas have one definition, whose mistakes are reported once. */
function repeatedPortErrors(
  starting: readonly DescribedStart[],
  isCompose: boolean,
): readonly ReynsError[] {
  const byDefinition = Map.groupBy(starting, ({ placed: { selected } }) =>
    isCompose ? selected.service : selected.definition.at,
  );
  return [...byDefinition.values()].flatMap(
    (replicas) => replicas.map(repeatedPorts).find((errors) => errors.length > 0) ?? [],
  );
}

function repeatedPorts({ step, placed }: DescribedStart): ReynsError[] {
  const { ports } = step.spec;
  const repeated = ports.filter((port, index) =>
    ports.slice(0, index).some((other) => collide(other, port)),
  );
  return [...Map.groupBy(repeated, ({ host }) => host).values()].flatMap((same) => {
    const [port] = same;
    if (!port) return [];
    const message = `${step.host} publishes port ${portText(same)} twice`;
    const hint = "give one of them another host port, or remove it";
    const at = placeOfPort(placed.selected.definition, port);
    return [new ReynsError("PORT_TAKEN", message, { hint, at })];
  });
}

function duplicatePortErrors(
  starting: readonly DescribedStart[],
  isCompose: boolean,
): ReynsError[] {
  const publishing = starting.filter(({ step }) => step.spec.ports.length > 0);
  const clashes = publishing.flatMap((one, index) =>
    publishing.slice(index + 1).flatMap((other) => clashesOf(one, other)),
  );
  // Replicas have one definition: two of them show its mistake.
  const nameOf = ({ placed, step }: DescribedStart): string =>
    isCompose ? placed.selected.service : step.host;
  const byNames = Map.groupBy(clashes, ({ one, other, text }) =>
    [nameOf(one), nameOf(other), text].join(" "),
  );
  return [...byNames.values()].flatMap(([clash]) => {
    if (!clash) return [];
    const { one, other, port, text } = clash;
    const another = `give one of them another ${isCompose ? "host port" : "port, or another SERVICE_IP"}`;
    const hint = nameOf(one) === nameOf(other) ? replicasHint(port) : another;
    const message = `${one.step.host} and ${other.step.host} both publish port ${text}`;
    const at = placeOfPort(other.placed.selected.definition, port);
    return new ReynsError("PORT_TAKEN", message, { hint, at });
  });
}

interface PortClash {
  readonly one: DescribedStart;
  readonly other: DescribedStart;
  /** Of the other one. */
  readonly port: PublishedPort;
  /** With all of its protocols. */
  readonly text: string;
}

function clashesOf(one: DescribedStart, other: DescribedStart): PortClash[] {
  const shared = other.step.spec.ports.filter((port) =>
    one.step.spec.ports.some((taken) => collide(port, taken)),
  );
  return [...Map.groupBy(shared, ({ host }) => host).values()].flatMap((ports) => {
    const [port] = ports;
    return port ? [{ one, other, port, text: portText(ports) }] : [];
  });
}
