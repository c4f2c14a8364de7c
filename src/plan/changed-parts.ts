import { tagged } from "./resolve/images.ts";
import { environmentPart, parseLabel, labels, secretParts } from "../model/labels.ts";
import type { Observed, ObservedImage, ObservedInstance } from "../model/observed.ts";
import type { StartInstance } from "../model/steps.ts";

/** Names of the parts that differ between what runs and what is defined now. */
export function changedParts(
  existing: ObservedInstance,
  step: StartInstance,
  { observed, missing }: { readonly observed: Observed; readonly missing: readonly string[] },
): string[] {
  const stated = partsOf(step.spec.labels[labels.definition]);
  const before = partsOf(existing.definition);
  const now = { ...stated, ...secretParts(step.spec.secrets, observed.digestSecret) };
  const parts = new Set([...Object.keys(now), ...Object.keys(before)]);
  // What was answered at the start is not asked for again only to compare it.
  for (const name of missing) parts.delete(environmentPart(name));
  // Digests under other keys always differ.
  if (existing.hasOldKeys || !observed.digestSecret)
    for (const name of existing.secrets) parts.delete(environmentPart(name));
  const changed = [...parts].filter((part) => now[part] !== before[part]);
  if (existing.hasOldKeys) changed.push("keys");
  const image = observed.images.get(tagged(step.spec.image));
  const builtAgain =
    image !== undefined && image.id !== existing.imageId && builtFromFolder(image, existing);
  return builtAgain && !changed.includes("image") ? [...changed, "image built again"] : changed;
}

function partsOf(definition: string | undefined): Record<string, string> {
  return parseLabel<Record<string, string>>(definition) ?? {};
}

/** Another folder's build may have taken the image's name over: that is no change of this project's. */
function builtFromFolder(image: ObservedImage, { folder }: ObservedInstance): boolean {
  const builtIn = image.labels[labels.folder];
  return builtIn === undefined || builtIn === folder;
}
