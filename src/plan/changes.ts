import { tagged } from "./images.ts";
import { labels } from "./labels.ts";
import type { Observed, ObservedInstance } from "./observed.ts";
import type { StartInstance } from "./steps.ts";

/** Names of the parts that differ between what runs and what is defined now. */
export function changesOf(
  existing: ObservedInstance,
  step: StartInstance,
  observed: Observed,
): string[] {
  const now = JSON.parse(step.spec.labels[labels.definition] ?? "{}") as Record<string, string>;
  const parts = new Set([...Object.keys(now), ...Object.keys(existing.definition)]);
  const changed = [...parts].filter((part) => now[part] !== existing.definition[part]);
  const image = observed.images.get(tagged(step.spec.image));
  return image && image.id !== existing.imageId && !changed.includes("image")
    ? [...changed, "image (built again)"]
    : changed;
}
