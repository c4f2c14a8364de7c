import type { ComposeService } from "../compose-file.ts";

/** How many instances a service has. */
export function replicasOf({ scale, deploy }: Pick<ComposeService, "scale" | "deploy">): number {
  return scale ?? deploy?.replicas ?? 1;
}
