import { existsSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Engine } from "../../docker/client/engine.ts";
import { removeFiles } from "../../docker/services/files.ts";
import { listServices } from "../../docker/services/services.ts";
import { labels, originFilter } from "../../model/labels.ts";
import type { ProjectFolder } from "../../model/project.ts";
import { swarmMarker } from "../../model/resource-names.ts";
import { forgetService, markedServices } from "./marker.ts";

/**
 * Removes the secrets and configs of a project in the swarm that no service is there for: a call that was cut off leaves
 * them. A project without services is not looked up in the swarm any more.
 */
export async function removeSwarmLeftovers(engine: Engine, project: ProjectFolder): Promise<void> {
  const marker = swarmMarker(project);
  if (!existsSync(marker)) return;
  const services = await listServices(engine, [originFilter(project.origin)]);
  if (!services) return;
  const names = new Set(services.map(({ spec }) => spec.Name));
  await removeFiles(engine, [originFilter(project.origin)], ({ labels: values }) =>
    names.has(values[labels.service] ?? ""),
  );
  if (names.size === 0) rmSync(marker, { force: true });
  for (const name of markedServices(dirname(marker)))
    if (!names.has(name)) forgetService(dirname(marker), name);
}
