import type { ProjectIdentity } from "./resource-names.ts";
import type { StepBase } from "./step-base.ts";

/** Removes an instance's persistent folders from the host. */
export interface RemoveData extends StepBase {
  readonly kind: "remove-data";
  readonly project: ProjectIdentity;
  /** All in one folder. */
  readonly folders: readonly string[];
  /** The instance's image, used to remove what only root may remove. */
  readonly image: string;
}

export interface RemoveVolume extends StepBase {
  readonly kind: "remove-volume";
  readonly volume: string;
}
