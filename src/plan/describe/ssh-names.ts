import type { ContainerSpec } from "../../model/container-spec.ts";
import type { Project } from "../../model/project.ts";
import { hasEntrypoint } from "../resolve/images.ts";
import { pointsTo } from "../select/match.ts";
import type { Observed } from "../../model/observed.ts";
import type { Placed } from "../resolve/placement.ts";

interface SshNameContext {
  readonly project: Project;
  readonly observed: Observed;
  readonly spec: ContainerSpec;
  readonly zone: string;
}

/**
 * What others call an instance when they log in to it: the names that its host key is certified for, in lower case, its
 * host name first. None without an SSH server of ours, or where nothing can be put into its file system.
 */
export function sshNamesOf(
  { selected: { host, service, instance }, image }: Pick<Placed, "selected" | "image">,
  { project, observed, spec, zone }: SshNameContext,
): string[] {
  if (!hasEntrypoint(project, image, observed) || spec.runtime.readOnly || spec.swarm) return [];
  const inZone = [host, service].flatMap((name) => [name, `${name}.${zone}`]);
  const links = project.conf.instances
    .flatMap((one) => one.links)
    .filter(({ target }) => pointsTo(target, service, instance))
    .map(({ name }) => name);
  return [...new Set([...inZone, spec.hostname, ...links].map((name) => name.toLowerCase()))];
}
