import type { Engine } from "./client/engine.ts";
import { errorStatus } from "./client/errors.ts";
import { requestIfExists } from "./client/request.ts";

/**
 * Removes a volume. Does nothing if it is gone.
 *
 * @returns false when a container still uses it
 */
export async function removeVolume(engine: Engine, name: string): Promise<boolean> {
  try {
    await requestIfExists(engine, {
      method: "DELETE",
      path: `/volumes/${encodeURIComponent(name)}`,
    });
  } catch (error) {
    if (errorStatus(error) !== 409) throw error;
    return false;
  }
  return true;
}
