import type { Engine } from "../../../runtime/connect.ts";
import { ok, warning, type Finding } from "../../../runtime/doctor/finding.ts";
import { withTimeout } from "../../../runtime/doctor/timeout.ts";
import { observeNetworks } from "../../../runtime/observe/networks.ts";
import type { Project } from "../../../model/project.ts";
import { summarizeList } from "../../../lib/summarize-list.ts";

const check = "networks";

/**
 * Compares the networks that the definition declares with those of the Engine.
 *
 * @param node the one that the Engine is on: only the networks of its instances matter there
 */
export async function checkNetworks(
  engine: Engine,
  project: Project,
  node?: string,
): Promise<Finding[]> {
  const { networkDifferences } = await import("../../../plan/network-differences.ts");
  const observed = await withTimeout(engine, observeNetworks(engine));
  const isUsed = (key: string): boolean =>
    node === undefined ||
    project.conf.instances.some(
      ({ group, networks }) => group === node && networks?.some(({ network }) => network === key),
    );
  const differences = networkDifferences(project, observed).filter(
    ({ key, kind }) => kind !== "missing" || isUsed(key),
  );
  if (differences.length === 0 && Object.keys(project.conf.networks ?? {}).length > 0)
    return [ok(check, "as they are defined")];
  return differences.map(({ key, name, kind, changes }) => {
    if (kind === "missing")
      return warning(check, `${key} is external, and there is no network ${name}`, {
        remedy: `docker network create ${name}`,
      });
    if (kind === "foreign")
      return warning(check, `${key}: the network ${name} is not the project's`, {
        remedy: `docker network inspect ${name}`,
      });
    const fields = summarizeList([...new Set(changes.map(({ field }) => field))], 3);
    return warning(check, `${key} differs from its definition in ${fields}`, {
      remedy: "reyns run all",
    });
  });
}
