import { declaredData, type DeclaredData } from "../../../plan/declared-data.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import { log } from "../../../ui/output/log.ts";
import { loadRunningProject } from "../run/resolve-conf.ts";
import { placesOf, splitByDeclaration, type CleanedData, type SplitData } from "./data.ts";

/** Parts data that is to be removed; the definition is read only where there is any. */
export async function splitUndeclared(
  data: CleanedData,
  instances: readonly ObservedInstance[],
): Promise<SplitData> {
  if (placesOf(data).length === 0) return splitByDeclaration(data, undefined);
  return splitByDeclaration(data, await readDeclared(instances));
}

/** Instances can be removed without a definition, or with one that has mistakes. */
async function readDeclared(
  instances: readonly ObservedInstance[],
): Promise<DeclaredData | undefined> {
  try {
    return declaredData(await loadRunningProject(undefined), instances);
  } catch {
    return undefined;
  }
}

/** Says what stays where nobody can be asked. */
export function reportUndeclared({ undeclared }: SplitData): void {
  const places = placesOf(undeclared);
  if (places.length === 0) return;
  log.info(
    `kept, as the definition does not declare it: ${places.join(", ")}; to remove it, too: reyns clean all data=true`,
  );
}
