import { hostNameOf } from "../../model/host-names.ts";
import type { Project } from "../../model/project.ts";
import { pointsTo } from "./match.ts";
import { selectInstance } from "./select.ts";
import { plainSelection, type SelectedInstance } from "./selection.ts";

/** The instances that share the network of selected ones, and run: a replacement would leave them without one. */
export function selectSharers(
  project: Project,
  selected: readonly SelectedInstance[],
  running: ReadonlySet<string>,
): SelectedInstance[] {
  const hosts = new Set(selected.map(({ host }) => host));
  return project.conf.instances.flatMap((definition) => {
    const { service, instance, networkMode } = definition;
    if (instance === undefined || networkMode?.kind !== "instance") return [];
    const host = hostNameOf(service, instance);
    const isSharer = selected.some((other) =>
      pointsTo(networkMode.target, other.service, other.instance),
    );
    if (hosts.has(host) || !running.has(host) || !isSharer) return [];
    return [selectInstance(project, definition, plainSelection("all"), "dependency")];
  });
}
