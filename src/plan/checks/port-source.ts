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

/** Finds the definition of a published port: that of its instance, otherwise the annotation of its Dockerfile. */
export function portSource(
  { container, host, protocol }: PublishedPort,
  hostName: string,
  conf: Conf,
): PortSource {
  const annotation = {
    text: `# reyns: expose ${container} as PORT in its Dockerfile`,
    at: undefined,
  };
  const definition = findDefinition(hostName, conf);
  if (!definition) return annotation;
  const { at, ports, publishSshOn, extraArgs } = definition;
  const isScript = at.file.endsWith(".ts");
  const file = basename(at.file);
  const index = ports.findIndex(
    (port) => port.container === container && port.host === host && port.protocol === protocol,
  );
  if (index >= 0) return { text: `change ports in ${file}`, at: inside(at, "ports") };
  if (container === 22 && publishSshOn === host) {
    const key = isScript ? "publishSshOn" : "publish_ssh_on";
    return { text: `change ${key} in ${file}`, at: inside(at, key) };
  }
  if (!new RegExp(String.raw`\b${host}:`).test(extraArgs ?? "")) return annotation;
  const key = isScript ? "extraArgs" : "extra_args";
  return { text: `change ${key} in ${file}`, at: inside(at, key) };
}

/** A random instance has the definition of its service. */
function findDefinition(hostName: string, conf: Conf): InstanceDefinition | undefined {
  const named = conf.instances.find(
    ({ service, instance }) => instance !== undefined && hostNameOf(service, instance) === hostName,
  );
  return named ?? conf.instances.find(({ service }) => hostName.startsWith(`${service}-`));
}
