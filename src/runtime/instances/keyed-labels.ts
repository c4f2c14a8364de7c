import type { ContainerSpec } from "../../model/container-spec.ts";
import { keyedParts, labels } from "../../model/labels.ts";
import type { StartInstance } from "../../model/steps.ts";
import { secretDigest } from "../keys/digests.ts";
import { sealHooks } from "./hooks.ts";
import { sealReady } from "./sealed-ready.ts";

/**
 * The spec with the labels that are made with the project's keys: digests of secrets and files, hooks, and a ready check
 * with text. They are not in the plan, because the first run creates the keys.
 */
export async function withKeyedLabels(
  { spec, files, ready }: StartInstance,
  keysFolder: string,
): Promise<ContainerSpec> {
  const parts = JSON.parse(spec.labels[labels.definition] ?? "{}") as Record<string, string>;
  const keyed = keyedParts({ ...spec, files }, await secretDigest(keysFolder));
  const { hooks, runtime } = spec;
  const own = {
    ...(hooks && { [labels.hooks]: await sealHooks(hooks, runtime.stopGracePeriod, keysFolder) }),
    [labels.definition]: JSON.stringify({ ...parts, ...keyed }),
    [labels.ready]: JSON.stringify(await sealReady(ready, keysFolder)),
  };
  return { ...spec, labels: { ...spec.labels, ...own } };
}
