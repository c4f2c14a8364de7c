import { connectEngine, type ConnectOptions } from "../docker/client/connect.ts";
import type { Engine, FleetMember } from "../docker/client/engine.ts";
import type { Environment } from "../lib/environment.ts";

export { engineTime, engineVersion } from "../docker/system.ts";
export type { ConnectOptions, Engine, FleetMember };

/**
 * Opens the Engine that the environment selects. Connects on the first request, which shows whether it answers.
 *
 * @throws ReynsError NO_ENGINE when the selection is invalid
 */
export function openEngine(env: Environment, options: ConnectOptions = {}): Promise<Engine> {
  return connectEngine(env, options);
}
