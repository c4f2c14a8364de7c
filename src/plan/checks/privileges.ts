import { join, sep } from "node:path";
import type { ContainerSpec, Mount } from "../../model/container-spec.ts";
import { privateFolder } from "../../model/resource-names.ts";
import { keysMounts } from "../describe/mounts.ts";

/**
 * What a container may beyond what every container may, as its definition says it: for people, in a few words each.
 *
 * @example
 * rightsOf(spec) // ["privileged", "in the host's own network", "the Engine's socket"]
 */
export function privilegesOf(
  { privileged, network, networkMode, mounts, hooks, runtime }: ContainerSpec,
  project: { readonly folder: string },
): string[] {
  const sources = mounts.flatMap(({ type, source }) => (type === "bind" ? source : []));
  const commands = [...(hooks?.postStart ?? []), ...(hooks?.preStop ?? [])];
  const unconfined = (runtime.securityOpt ?? []).filter((option) =>
    /unconfined|disable/.test(option),
  );
  return [
    ...(privileged ? ["privileged"] : []),
    ...(commands.some((hook) => hook.privileged) ? ["privileged commands"] : []),
    ...((network ?? networkMode) === undefined ? ["in the host's own network"] : []),
    ...(sources.some(leadsToSocket) ? ["the Engine's socket"] : []),
    ...(sources.includes("/") ? ["all files of the host"] : []),
    ...(mounts.some((mount) => leadsToKeys(mount, project)) ? ["the project's keys"] : []),
    ...(runtime.pid === "host" ? ["the host's processes"] : []),
    ...(runtime.ipc === "host" ? ["the host's shared memory"] : []),
    ...(runtime.usernsMode === "host" ? ["the host's users"] : []),
    ...(runtime.uts === "host" ? ["the host's name"] : []),
    ...(runtime.cgroup === "host" ? ["the host's cgroups"] : []),
    ...(runtime.capAdd ?? []).map((name) => `capability ${name}`),
    ...(runtime.devices ?? []).map((device) => `device ${device.split(":")[0]}`),
    ...(runtime.deviceCgroupRules ?? []).map((rule) => `devices ${rule}`),
    ...unconfined,
  ];
}

/** Beyond the keys that every instance gets: with them the authority's, which certifies any host. */
function leadsToKeys(mount: Mount, project: { readonly folder: string }): boolean {
  const folder = join(project.folder, privateFolder);
  if (mount.type !== "bind" || isInstanceKey(mount, project)) return false;
  return isWithin(folder, mount.source) || isWithin(mount.source, folder);
}

function isInstanceKey(mount: Mount, project: { readonly folder: string }): boolean {
  return keysMounts(project).some(
    ({ source, target }) => source === mount.source && target === mount.target,
  );
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Who has it is root on the host. */
function leadsToSocket(source: string): boolean {
  const parents = ["/", "/var", "/var/run", "/run"];
  return source.endsWith("/docker.sock") || parents.includes(source);
}
