import { engine } from "./engine.ts";
import type { Fault } from "./fault.ts";
import { images } from "./images.ts";
import { interruptions } from "./interruptions.ts";
import { manyInstances } from "./many-instances.ts";
import { portTaken } from "./port-taken.ts";
import { strangers } from "./strangers.ts";

export type { Fault, Finding } from "./fault.ts";

/** In the order of docs/reliability.md; a new one is a file and a line. */
export const faults: readonly Fault[] = [
  portTaken,
  ...images,
  ...strangers,
  ...engine,
  ...interruptions,
  manyInstances,
];
