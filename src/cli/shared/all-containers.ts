import { observeEverything } from "../../runtime/observe/containers.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import { asking, connectEngine } from "./context.ts";

/** Every container on the Engine, whoever made it; no project is needed. */
export async function everyContainer(): Promise<ObservedInstance[]> {
  return asking(observeEverything(await connectEngine()));
}
