import { observeEverything } from "../engine/observe-containers.ts";
import type { ObservedInstance } from "../plan/observed.ts";
import { asking, callersEngine } from "./session.ts";

/** Every container on the Engine, whoever made it; no project is needed. */
export async function everyContainer(): Promise<ObservedInstance[]> {
  return asking(observeEverything(await callersEngine()));
}
