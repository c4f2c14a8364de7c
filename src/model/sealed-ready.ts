import type { ReadyCheck } from "./project.ts";

/** A ready check in a container's label, where its text may be secret: only the project's keys open it. */
export interface SealedReady {
  readonly kind: "sealed";
  readonly check: ReadyCheck["kind"];
  readonly address: string;
  readonly text: string;
}
