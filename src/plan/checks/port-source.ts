import { basename } from "node:path";
import type { PublishedPort } from "../../model/container-spec.ts";
import { inside, type Place } from "../../errors.ts";
import { hostNameOf } from "../../model/host-names.ts";
import type { Conf, InstanceDefinition } from "../../model/project.ts";

/** Where a published port is defined. */
interface PortSource {
  /** How to change it, in the words of that file. */
  readonly text: string;
  readonly at: Place | undefined;
}

/** Where a port is published: in the definition of its instance, otherwise in the annotation of its Dockerfile. */
export function portSource(
  port: PublishedPort,
  definition: InstanceDefinition | undefined,
): PortSource {
  return definition ? portSourceIn(definition, port) : annotationOf(port);
}

/** Where an instance defines a port; the instance itself where its Dockerfile does. */
export function placeOfPort(definition: InstanceDefinition, port: PublishedPort): Place {
  return portSourceIn(definition, port).at ?? definition.at;
}

function portSourceIn(definition: InstanceDefinition, port: PublishedPort): PortSource {
  const { container, host, protocol } = port;
  const { at, ports, publishSshOn, extraArgs } = definition;
  const isScript = at.file.endsWith(".ts");
  const index = ports.findIndex(
    (each) => each.container === container && each.host === host && each.protocol === protocol,
  );
  if (index >= 0) {
    const place = placeOfPorts(at, index);
    return { text: `change ports in ${basename(place.file)}`, at: place };
  }
  const file = basename(at.file);
  if (container === 22 && publishSshOn === host) {
    const key = isScript ? "publishSshOn" : "publish_ssh_on";
    return { text: `change ${key} in ${file}`, at: inside(at, key) };
  }
  if (!new RegExp(String.raw`\b${host}:`).test(extraArgs ?? "")) return annotationOf(port);
  const key = isScript ? "extraArgs" : "extra_args";
  return { text: `change ${key} in ${file}`, at: inside(at, key) };
}

/** An entry of a `reyns.ts` can be a range, which is several ports here; one of a Compose file never is. */
function placeOfPorts(at: Place, index: number): Place {
  return at.placeOf ? inside(at, "ports", index) : inside(at, "ports");
}

function annotationOf({ container }: PublishedPort): PortSource {
  return { text: `# reyns: expose ${container} as PORT in its Dockerfile`, at: undefined };
}

/** What a Compose file can say where replicas have one port: of a range, each gets its own. */
export function replicasHint({
  host,
  container,
}: Pick<PublishedPort, "host" | "container">): string {
  const range = `"${host}-${host + 9}:${container}"`;
  return `only one replica can have a fixed port\nleave the host port out: "${container}"; or publish a range: ${range}; or run one replica`;
}

/** The definition of an instance; one that is started with a name of its own has that of its service. */
export function findDefinition(hostName: string, conf: Conf): InstanceDefinition | undefined {
  const named = conf.instances.find(
    ({ service, instance }) => instance !== undefined && hostNameOf(service, instance) === hostName,
  );
  return named ?? conf.instances.find(({ service }) => hostName.startsWith(`${service}-`));
}
