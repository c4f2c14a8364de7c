import type { Engine } from "../client/engine.ts";
import { getJson } from "../client/request.ts";

/** How an Engine keeps its images. */
export type ImageStore =
  /** Docker's own, in which an image has the id of its configuration. */
  | "classic"
  /** That of containerd, in which an image has the id of its manifest. */
  | "containerd"
  | "podman";

/** @throws ReynsError NO_ENGINE */
export async function imageStoreOf(engine: Engine): Promise<ImageStore> {
  const { isPodman } = await engine.features();
  if (isPodman) return "podman";
  const { DriverStatus } = await getJson<{ DriverStatus?: readonly string[][] | null }>(
    engine,
    "/info",
  );
  const isSnapshotter = (DriverStatus ?? []).some(
    ([name, value = ""]) => name === "driver-type" && value.startsWith("io.containerd."),
  );
  return isSnapshotter ? "containerd" : "classic";
}
