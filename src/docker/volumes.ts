import type { Engine } from "./connect.ts";
import { askIfThere, refusalStatus } from "./refusal.ts";

/** Removes a volume. One that is gone, or that a container still uses, is left. */
export async function removeVolume(engine: Engine, name: string): Promise<void> {
  try {
    await askIfThere(engine, (client) => client.getVolume(name).remove());
  } catch (error) {
    if (refusalStatus(error) !== 409) throw error;
  }
}
