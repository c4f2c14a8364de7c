import { basename } from "node:path";
import { defineCommand } from "citty";
import { ReynsError } from "../../errors.ts";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import { listConfFiles } from "../../project/conf/files.ts";
import type { ProjectPlace } from "../../project/locate.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { sanitizeLine } from "../../ui/output/sanitize.ts";
import { isKnownInstance, readKnownNames } from "../../project/known-names.ts";
import { locateProject } from "../common/context.ts";
import { resolveInstance } from "../common/resolve-instance.ts";

export const examples: Examples = [
  ["reyns port web 80", "where port 80 is published: 0.0.0.0:8080"],
  ["reyns port web two 53/udp", "of one instance, over UDP"],
  ["reyns port web", "all published ports"],
];

export const command = defineCommand({
  meta: {
    name: "port",
    description:
      "Prints the address and port of the host on which a port of an instance is published; without a port, all of them.",
  },
  args: {
    service: args.service("Name of the service", "PRESENT"),
    instance: { ...args.instance, description: "Name of the instance, if the service has several" },
    port: {
      type: "positional",
      required: false,
      valueHint: "PORT",
      description: "The container's port, as 80 or 53/udp",
    },
    json: args.json,
  },
  run: async ({ args: { service, json, ...call } }) => {
    const { instance: name, port } = await splitPort(service, call);
    const wanted = port === undefined ? undefined : parsePort(port);
    const { instance, place } = await resolveInstance({ service, instance: name });
    const published = listPublished(instance).filter(
      ({ container, protocol }) =>
        wanted === undefined || (container === wanted.container && protocol === wanted.protocol),
    );
    if (json) return printJson(published);
    if (published.length === 0) throw notPublished(instance, port, place);
    for (const { container, protocol, address } of published)
      print(
        sanitizeLine(wanted === undefined ? `${container}/${protocol} -> ${address}` : address),
      );
  },
});

/** `web 80` means a port, unless an instance has this number or a port follows it. */
async function splitPort(
  service: string,
  {
    instance,
    port,
  }: { readonly instance?: string | undefined; readonly port?: string | undefined },
): Promise<{ readonly instance: string | undefined; readonly port: string | undefined }> {
  const mayBePort = port === undefined && /^\d+(\/\w+)?$/.test(instance ?? "");
  if (!mayBePort || instance === undefined) return { instance, port };
  const names = readKnownNames(await locateProject());
  return isKnownInstance(names, service, instance)
    ? { instance, port }
    : { instance: undefined, port: instance };
}

const accepted = "accepted: a port of the container, as 80 or 53/udp";

function parsePort(text: string): { readonly container: number; readonly protocol: string } {
  const [, number, protocol = "tcp"] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  if (number === undefined)
    throw new ReynsError("INVALID_VALUE", `port is "${text}"`, { hint: accepted });
  return { container: Number(number), protocol };
}

interface PublishedAt {
  readonly container: number;
  readonly protocol: string;
  /** "0.0.0.0:8080", "[::]:8080" */
  readonly address: string;
}

function listPublished({ ports }: Pick<ObservedInstance, "ports">): PublishedAt[] {
  return ports.flatMap(({ container, host, protocol, ip }) => {
    if (host === undefined) return [];
    const address = `${ip.includes(":") ? `[${ip}]` : ip || "0.0.0.0"}:${host}`;
    return [{ container, protocol, address }];
  });
}

/** The error for an instance without the port, or without any. */
export function notPublished(
  instance: Pick<ObservedInstance, "host" | "service" | "ports">,
  port: string | undefined,
  place: Pick<ProjectPlace, "compose" | "script" | "folder" | "servicesFolder">,
): ReynsError {
  const { host } = instance;
  const published = listPublished(instance);
  // A port has an address of IPv4 and one of IPv6.
  const others = new Set(published.map(({ container, protocol }) => `${container}/${protocol}`));
  const message = `${host} publishes ${others.size === 0 ? "no port" : `no port ${port}`}`;
  const hint =
    others.size > 0
      ? `published: ${[...others].join(", ")}`
      : `publish it in ${definitionOf(instance.service, port ?? "80", place)}`;
  return new ReynsError("NOT_PUBLISHED", message, { hint });
}

/** The project's own file, and what publishes a port there. */
function definitionOf(
  service: string,
  port: string,
  place: Parameters<typeof notPublished>[2],
): string {
  const { compose, script } = place;
  if (compose !== undefined)
    return `${basename(compose)}: ports: ["${port}"] at the service "${service}"`;
  const [conf, ...others] = script === undefined ? listConfFiles(place) : [];
  if (!conf) return `reyns.ts: service("${service}", { ports: ["${port}"] })`;
  const file = others.length === 0 ? basename(conf.path) : "its .conf";
  return `${file}: "publish_ports": true, with "# reyns: expose ${port}" in the Dockerfile of ${service}`;
}
