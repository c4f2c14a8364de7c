import type { Engine } from "../client/engine.ts";
import { getJson } from "../client/request.ts";

/** How an Engine keeps its images. */
export type ImageStore =
  /** Docker's own, in which an image has the id of its configuration. */
  | "classic"
  /** That of containerd, in which an image has the id of its manifest. */
  | "containerd"
  | "podman";

/** Asked for each instance that starts; no Engine changes its store while it runs. */
const known = new WeakMap<Engine, ImageStore>();

/** @throws ReynsError NO_ENGINE */
export async function imageStoreOf(engine: Engine): Promise<ImageStore> {
  const { isPodman, offersContainerdStore } = await engine.features();
  if (isPodman) return "podman";
  if (!offersContainerdStore) return "classic";
  const found = known.get(engine) ?? (await askStore(engine));
  known.set(engine, found);
  return found;
}

async function askStore(engine: Engine): Promise<ImageStore> {
  const { DriverStatus } = await getJson<{ DriverStatus?: readonly string[][] | null }>(
    engine,
    "/info",
  );
  const isSnapshotter = (DriverStatus ?? []).some(
    ([name, value = ""]) => name === "driver-type" && value.startsWith("io.containerd."),
  );
  return isSnapshotter ? "containerd" : "classic";
}
