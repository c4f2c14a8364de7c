import { listImages } from "../../docker/images/images.ts";
import { labels } from "../../model/labels.ts";
import type { Engine } from "../connect.ts";
import { ok, warning, type Finding } from "./finding.ts";
import { withTimeout } from "./timeout.ts";

interface BundledImages {
  readonly names: readonly string[];
  /** Digest of the files that the executable builds them from. */
  readonly assets: string;
}

/** Checks whether the base images exist and were built by this executable. */
export async function checkImages(
  engine: Engine,
  { names, assets }: BundledImages,
): Promise<Finding[]> {
  const images = await withTimeout(engine, listImages(engine));
  const found = names.flatMap((name) => {
    const image = images.find((candidate) => candidate.names.includes(`${name}:latest`));
    return image ? { name, ...image } : [];
  });
  if (found.length === 0) return [ok("images", "not built yet: the first build or run does that")];
  const oldest = Math.min(...found.map(({ createdAt }) => createdAt));
  const date = new Date(oldest * 1000).toISOString().slice(0, 10);
  const outdated = found.filter((image) => image.labels[labels.assets] !== assets);
  if (outdated.length === 0) return [ok("images", `${joinNames(found)}: built on ${date}`)];
  const message = `${joinNames(outdated)}: built by another version of Reyns (${date}); the next build replaces them`;
  return [warning("images", message, { remedy: "reyns init" })];
}

function joinNames(images: readonly { readonly name: string }[]): string {
  return images.map(({ name }) => name).join(", ");
}
