import { engine } from "./engine.ts";
import type { Fault } from "./fault.ts";
import { images } from "./images.ts";
import { interruptions } from "./interruptions.ts";
import { manyInstances } from "./many-instances.ts";
import { portTaken } from "./port-taken.ts";
import { nameConflicts } from "./name-conflicts.ts";

export type { Fault, Outcome } from "./fault.ts";

/** In the order of docs/reliability.md. */
export const faults: readonly Fault[] = [
  portTaken,
  ...images,
  ...nameConflicts,
  ...engine,
  ...interruptions,
  manyInstances,
];
