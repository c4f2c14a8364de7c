import { connectEngine, type Engine, type EngineCall } from "../docker/connect.ts";
import { engineVersion } from "../docker/system.ts";
import type { Environment } from "../project/find.ts";

export type { Engine };

/** A connection to the Engine of this environment; the first question to it shows whether it answers. */
export function openEngine(env: Environment, onCall?: (call: EngineCall) => void): Engine {
  return connectEngine({ env, onCall });
}

export { engineVersion };
