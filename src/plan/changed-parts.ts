import { digestPart } from "./describe/config-hash.ts";
import { changedMounts } from "./moved-mounts.ts";
import { serviceOfImage, tagged } from "./resolve/images.ts";
import { isCopiedFilePart } from "../model/container-files.ts";
import { addressOf, nodesOf } from "../model/nodes.ts";
import {
  environmentPart,
  isHookPart,
  isFilePart,
  keyedParts,
  parseLabel,
  labels,
} from "../model/labels.ts";
import {
  isOtherImage,
  type Observed,
  type ObservedImage,
  type ObservedInstance,
} from "../model/observed.ts";
import type { Project } from "../model/project.ts";
import type { StartInstance } from "../model/steps.ts";

interface CompareContext {
  readonly project: Pick<Project, "conf" | "folder" | "movedFrom" | "services">;
  readonly observed: Observed;
  /** The parts that have no value. */
  readonly missing: readonly string[];
  /** Whether the definition sets a variable. */
  readonly isDefined: (variable: string) => boolean;
}

/** Names of the parts that differ between the running container and the definition. */
export function changedParts(
  existing: ObservedInstance,
  step: StartInstance,
  { project, observed, missing, isDefined }: CompareContext,
): string[] {
  const before = partsOf(existing.definition);
  const stated = partsOf(step.spec.labels[labels.definition]);
  const now = { ...stated, ...keyedParts(step.spec, observed.digestSecret) };
  const parts = new Set(
    [...Object.keys(now), ...Object.keys(before)].filter((part) => !isFilePart(part)),
  );
  // Values that were answered at the first start are not asked for again only to compare them.
  for (const part of missing) parts.delete(part);
  if (missing.length > 0) parts.delete("links");
  // The default policy is not part of the definition, and differs between versions.
  if (!isDefined("DNS_UPDATE_POLICY")) parts.delete(environmentPart("DNS_UPDATE_POLICY"));
  if (step.spec.swarm)
    for (const part of machineParts(before, { project, observed }))
      if (now[part] === undefined) parts.delete(part);
  // Digests under other keys always differ.
  const digest = existing.hasOldKeys ? undefined : observed.digestSecret;
  if (!digest) {
    for (const name of existing.secrets) parts.delete(environmentPart(name));
    for (const part of parts) if (isCopiedFilePart(part) || isHookPart(part)) parts.delete(part);
  }
  const changed = [...parts]
    .filter((part) => now[part] !== before[part])
    .flatMap((part) =>
      part === "mounts"
        ? (changedMounts(before[part], step.spec.mounts, existing, project) ?? [])
        : part,
    );
  changed.push(...changedFiles(before, keyedParts({ files: step.files }, digest)));
  if (existing.hasOldKeys && dependsOnKeys(existing, before)) changed.push("keys");
  if (hasOtherMode(existing, step)) changed.push("networkMode");
  const image = observed.images.get(tagged(step.spec.image));
  const isBuilt = serviceOfImage(project, step.spec.image) !== undefined;
  const wasRebuilt =
    image !== undefined &&
    isOtherImage(image, existing) &&
    (!isBuilt || builtForProject(image, existing));
  if (!wasRebuilt || changed.includes("image")) return changed;
  return [...changed, isBuilt ? "image rebuilt" : "newer image"];
}

/** It has the keys, is registered with them, or what was recorded of it can be compared under its keys alone. */
function dependsOnKeys(
  { hasEntrypoint, registered, secrets, swarm }: ObservedInstance,
  recorded: Readonly<Record<string, string>>,
): boolean {
  const isKeyed = (part: string): boolean =>
    isFilePart(part) || isCopiedFilePart(part) || isHookPart(part);
  const hasKeyed = secrets.length > 0 || Object.keys(recorded).some(isKeyed);
  return hasEntrypoint || hasKeyed || registered !== undefined || swarm !== undefined;
}

/** Earlier versions gave a service what the machine was told that planned it: the address of one, or of the DNS. */
function machineParts(
  before: Readonly<Record<string, string>>,
  { project, observed }: Pick<CompareContext, "project" | "observed">,
): string[] {
  const machines = nodesOf(project.conf).map((node) => addressOf(node));
  const addresses = new Set([...machines, ...(observed.settled?.values() ?? [])].map(digestPart));
  return ["SERVICE_IP", "PUBLISH_ON_IP", "DNS_SERVICE_IP"]
    .map(environmentPart)
    .filter((part) => addresses.has(before[part] ?? ""));
}

/** A container of an earlier version has recorded no files, and a file may be gone, or too large by now. */
function changedFiles(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): string[] {
  return Object.keys(now).filter(
    (part) => Object.hasOwn(before, part) && before[part] !== now[part],
  );
}

function partsOf(definition: string | undefined): Record<string, string> {
  return parseLabel<Record<string, string>>(definition) ?? {};
}

/**
 * Another project's build may have taken the image's name over: that is no change of this project's. One that was brought
 * here from another machine is.
 */
function builtForProject(image: ObservedImage, { origin }: ObservedInstance): boolean {
  const builtIn = image.labels[labels.folder];
  return builtIn === undefined || builtIn === origin || image.isImported === true;
}

/** Between networks of its own, the host's, none, and another instance's. */
function hasOtherMode(
  { networkMode }: ObservedInstance,
  { spec: { network, networkMode: wanted = "host" } }: StartInstance,
): boolean {
  return networkMode !== undefined && modeKind(networkMode) !== modeKind(network ? "" : wanted);
}

function modeKind(mode: string): string {
  return /^(?:host|none|container)(?=:|$)/.exec(mode)?.[0] ?? "";
}
