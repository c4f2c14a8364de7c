import { compareFields, compareParts } from "../model/field-text.ts";
import { mask, type ContainerFields, type FieldChange } from "../model/fields.ts";
import type { ReplacementOrder } from "../model/handover.ts";
import { isCopiedFilePart } from "../model/container-files.ts";
import { environmentPart } from "../model/labels.ts";
import { secretName } from "../model/secret-names.ts";
import type { StartInstance, Step } from "../model/steps.ts";
import { specFields } from "./describe/spec-fields.ts";
import { folderPart } from "./moved-mounts.ts";
import type { RunPlan } from "./run-plan.ts";

/** What a plan does to one thing, for people and scripts. */
export interface PlannedAction {
  readonly action:
    | "build"
    | "pull"
    | "send"
    | "create"
    | "replace"
    | "restart"
    | "stop"
    | "remove"
    | "update";
  readonly kind: "image" | "network" | "instance" | "volume" | "data" | "routes" | "helper";
  /** Its name: an instance's host name, an image with its tag. */
  readonly name: string;
  /** Where it happens, in a project of several machines. */
  readonly node?: string;
  readonly reason: string;
  /** Which container comes first, and why; only of a routed instance that runs. */
  readonly order?: ReplacementOrder;
  readonly orderReasons?: readonly string[];
  readonly changes: readonly FieldChange[];
}

/**
 * The actions of a plan, with the old and the new value of each changed field. Steps that only wait or change names of
 * images are left out.
 *
 * @param before host -> fields of the container that is replaced
 */
export function reportPlan(
  { steps, changes }: RunPlan,
  before: ReadonlyMap<string, ContainerFields>,
): PlannedAction[] {
  return steps.flatMap((step) => {
    const described = actionOf(step);
    if (!described) return [];
    const changed = changesIn(step, changes, before);
    const { title: name, reason, node } = step;
    const where = node === undefined ? {} : { node };
    return [{ ...described, name, ...where, reason, ...orderOf(step), changes: changed }];
  });
}

function orderOf(step: Step): Pick<PlannedAction, "order" | "orderReasons"> {
  if (step.kind !== "start-instance" || !step.replacing) return {};
  return { order: step.replacing.order, orderReasons: step.replacing.reasons };
}

function actionOf(step: Step): Pick<PlannedAction, "action" | "kind"> | undefined {
  switch (step.kind) {
    case "root-image":
    case "build-image":
      return { action: "build", kind: "image" };
    case "pull-image":
      return { action: "pull", kind: "image" };
    case "send-image":
      return { action: "send", kind: "image" };
    case "create-network":
      return { action: step.replaces ? "replace" : "create", kind: "network" };
    case "start-instance":
      return { action: isReplacement(step) ? "replace" : "create", kind: "instance" };
    case "restart-instance":
      return { action: "restart", kind: "instance" };
    case "set-aside":
      return { action: "stop", kind: "instance" };
    case "remove-instance":
    case "stop-instance":
      return { action: "remove", kind: "instance" };
    case "remove-network":
      return { action: "remove", kind: "network" };
    case "remove-volume":
      return { action: "remove", kind: "volume" };
    case "remove-data":
      return { action: "remove", kind: "data" };
    case "configure-router":
      return { action: "update", kind: "routes" };
    case "keep-leases":
      return { action: "update", kind: "helper" };
    case "remove-keeper":
      return { action: "remove", kind: "helper" };
    case "push-image":
    case "tag-image":
    case "await-instance":
    case "await-name":
    case "probe-network":
      return undefined;
  }
}

function isReplacement({ predecessor, removes }: StartInstance): boolean {
  return predecessor !== undefined || removes !== undefined;
}

function changesIn(
  step: Step,
  changes: RunPlan["changes"],
  before: ReadonlyMap<string, ContainerFields>,
): readonly FieldChange[] {
  if (step.kind === "create-network") return step.replaces?.changes ?? [];
  if (step.kind === "configure-router") return step.changes;
  if (step.kind !== "start-instance") return [];
  return fieldChanges(step, changes.get(step.host) ?? [], before.get(step.host));
}

function fieldChanges(
  { spec }: StartInstance,
  parts: readonly string[],
  before: ContainerFields | undefined,
): FieldChange[] {
  const after = specFields(spec);
  const secrets = new Set(Object.keys(spec.secrets).map(environmentPart));
  const isSecret = (part: string): boolean =>
    secrets.has(part) || (part.startsWith("env ") && secretName.test(part));
  return parts
    .filter((part) => part !== "keys" && part !== "image rebuilt" && part !== "newer image")
    .map((part) => (part === folderPart ? "mounts" : part))
    .flatMap((part) => {
      if (isSecret(part)) return [{ field: part, before: mask, after: maskedIn(after, part) }];
      if (part === "healthcheck" || part === "labels")
        return compareParts(part, before ?? {}, after);
      return isCopiedFilePart(part)
        ? [{ field: part, before: maskedIn(before, part), after: maskedIn(after, part) }]
        : compareFields(part, before?.[part], after[part]);
    });
}

function maskedIn(fields: ContainerFields | undefined, part: string): string | null {
  return fields?.[part] === undefined ? null : mask;
}

/** Counts of a plan, for its last line: "1 to create, 2 to replace". */
export function countActions(actions: readonly PlannedAction[], unchanged: number): string {
  const instances = actions.filter(({ kind }) => kind === "instance");
  const counts = (["create", "replace", "restart", "remove"] as const).flatMap((action) => {
    const count = instances.filter((one) => one.action === action).length;
    return count === 0 ? [] : `${count} to ${action}`;
  });
  return [...counts, `${unchanged} unchanged`].join(", ");
}
