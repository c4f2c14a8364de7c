import type { Engine } from "./client/connect.ts";
import { errorStatus } from "./client/errors.ts";
import { requestIfExists } from "./client/request.ts";

/** Removes a volume. One that is gone is fine; one that a container still uses is left, and the answer is false. */
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
