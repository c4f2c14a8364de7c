import { atOnce } from "./at-once.ts";
import { crashLoop } from "./crash-loop.ts";
import type { Fault } from "./fault.ts";
import { killed } from "./killed.ts";
import { manyInstances } from "./many-instances.ts";
import { portTaken } from "./port-taken.ts";

export type { Fault, Finding } from "./fault.ts";

/** In the order of docs/reliability.md; a new one is a file and a line. */
export const faults: readonly Fault[] = [portTaken, atOnce, killed, crashLoop, manyInstances];
