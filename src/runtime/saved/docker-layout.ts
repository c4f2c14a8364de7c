import type { SavedIndex } from "../../model/saved-project.ts";
import { blobName } from "./export-images.ts";

/** The `manifest.json` that every Engine's load reads. */
export function dockerManifest({ images }: Pick<SavedIndex, "images">): string {
  return JSON.stringify(
    images.map(({ names, config, layers }) => ({
      Config: blobName(config),
      RepoTags: names.length === 0 ? null : names,
      Layers: layers.map(({ digest }) => blobName(digest)),
    })),
  );
}

/** @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
export const ociLayout = '{"imageLayoutVersion":"1.0.0"}';
