import { listImages } from "../../docker/images/images.ts";
import { labels } from "../../model/labels.ts";
import type { Engine } from "../connect.ts";
import { ok, warning, type Finding } from "./finding.ts";
import { withTimeout } from "./timeout.ts";

interface BundledImages {
  readonly names: readonly string[];
  /** Digest of what the executable builds them of. */
  readonly assets: string;
}

/** Whether the base images are there, and of this executable. */
export async function checkImages(
  engine: Engine,
  { names: wanted, assets }: BundledImages,
): Promise<Finding[]> {
  const images = await withTimeout(engine, listImages(engine));
  const found = wanted.flatMap((name) => {
    const image = images.find((one) => one.names.includes(`${name}:latest`));
    return image ? { name, ...image } : [];
  });
  if (found.length === 0) return [ok("images", "not built yet: the first build or run does that")];
  const oldest = Math.min(...found.map(({ createdAt }) => createdAt));
  const since = new Date(oldest * 1000).toISOString().slice(0, 10);
  const other = found.filter((image) => image.labels[labels.assets] !== assets);
  if (other.length === 0)
    return [ok("images", `${found.map(({ name }) => name).join(", ")}: of ${since}`)];
  const names = other.map(({ name }) => name).join(", ");
  const message = `${names}: made by another version of Reyns, ${since}; the next build makes them anew`;
  return [warning("images", message, { remedy: "reyns init" })];
}
