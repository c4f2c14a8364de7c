import type { Engine } from "./connect.ts";
import { ask } from "./refusal.ts";

export interface EngineVersion {
  readonly version: string;
  readonly api: string;
}

/** @throws ReynsError NO_ENGINE */
export async function engineVersion(engine: Engine): Promise<EngineVersion> {
  const info = await ask(engine, engine.client.version());
  return { version: info.Version, api: info.ApiVersion };
}
