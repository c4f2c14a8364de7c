import type { ContainerSpec } from "../../model/container-spec.ts";

/**
 * What a container may beyond what every container may, as its definition says it: for people, in a few words each.
 *
 * @example
 * rightsOf(spec) // ["privileged", "in the host's own network", "the Engine's socket"]
 */
export function privilegesOf({ privileged, network, mounts, runtime }: ContainerSpec): string[] {
  const sources = mounts.flatMap(({ type, source }) => (type === "bind" ? source : []));
  const unconfined = runtime.securityOpt.filter((option) => /unconfined|disable/.test(option));
  return [
    ...(privileged ? ["privileged"] : []),
    ...(network === undefined ? ["in the host's own network"] : []),
    ...(sources.some(leadsToSocket) ? ["the Engine's socket"] : []),
    ...(sources.includes("/") ? ["all files of the host"] : []),
    ...(runtime.pid === "host" ? ["the host's processes"] : []),
    ...(runtime.ipc === "host" ? ["the host's shared memory"] : []),
    ...runtime.capAdd.map((name) => `capability ${name}`),
    ...runtime.devices.map((device) => `device ${device.split(":")[0]}`),
    ...unconfined,
  ];
}

/** Who has it is root on the host. */
function leadsToSocket(source: string): boolean {
  const parents = ["/", "/var", "/var/run", "/run"];
  return source.endsWith("/docker.sock") || parents.includes(source);
}
