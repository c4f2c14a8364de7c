import type { Engine } from "./client/connect.ts";
import { refusalStatus } from "./client/errors.ts";
import { requestIfThere } from "./client/request.ts";

/** Removes a volume. One that is gone is fine; one that a container still uses is left, and the answer is false. */
export async function removeVolume(engine: Engine, name: string): Promise<boolean> {
  try {
    await requestIfThere(engine, {
      method: "DELETE",
      path: `/volumes/${encodeURIComponent(name)}`,
    });
  } catch (error) {
    if (refusalStatus(error) !== 409) throw error;
    return false;
  }
  return true;
}
