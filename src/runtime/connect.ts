import { connectEngine, type ConnectOptions } from "../docker/client/connect.ts";
import type { Engine } from "../docker/client/engine.ts";
import type { Environment } from "../lib/environment.ts";

export type { Engine };
export { engineVersion } from "../docker/system.ts";

/** A connection to the Engine of this environment; the first question to it shows whether it answers. */
export function openEngine(env: Environment, watching: ConnectOptions = {}): Promise<Engine> {
  return connectEngine(env, watching);
}
