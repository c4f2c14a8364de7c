import type { StoredImage } from "../../docker/images/image-archive.ts";
import { shortImageName } from "../../docker/images/images.ts";
import { compareStrings } from "../../lib/compare-strings.ts";
import { isRecord } from "../../lib/is-record.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { sha256 } from "../../lib/sha256.ts";
import { ReynsError } from "../../errors.ts";
import type { SavedBlob, SavedImage } from "../../model/saved-project.ts";
import { blobName, type ExportedBlob, type ExportedImages } from "./export-images.ts";

/** The images of an export in one form, whatever Engine it comes from. */
export interface NormalizedImages {
  readonly images: readonly Omit<SavedImage, "id">[];
  /** Contents that are still to be written, by digest. */
  readonly small: ReadonlyMap<string, Buffer>;
  /** The index of an OCI layout, where there is one. */
  readonly ociIndex: string | undefined;
}

/**
 * Reads the manifest of an export: Docker 24 and older name layers by folders, newer ones by digests.
 *
 * @throws ReynsError ENGINE_REFUSED for an export that lacks something
 */
export function normalizeImages(
  exported: ExportedImages,
  isLeftOut: (digest: string) => boolean,
): NormalizedImages {
  const kept = new Map<string, Buffer>();
  const find = (path: string): SavedBlob => {
    const target = exported.links.get(path) ?? path;
    const large: ExportedBlob | undefined = exported.large.get(target);
    if (large) return { digest: large.digest, size: large.size };
    const content = exported.small.get(target);
    if (!content) throw incomplete(path);
    const digest = `sha256:${sha256(content).toString("hex")}`;
    if (!isLeftOut(digest)) kept.set(digest, content);
    return { digest, size: content.length };
  };
  const images = manifestOf(exported).map(({ Config, RepoTags, Layers }) => {
    const config = find(Config);
    const diffIds = diffIdsOf(exported.small.get(Config));
    if (diffIds.length !== Layers.length) throw incomplete(Config);
    const layers = Layers.map((path, index) => ({ ...find(path), diffId: diffIds[index] ?? "" }));
    return { names: RepoTags ?? [], config: config.digest, layers };
  });
  const ociIndex = exported.small.get("index.json");
  if (ociIndex) addManifests(ociIndex, { exported, kept, isLeftOut });
  // The Engine's order is another one each time.
  const nameOf = ({ names, config }: (typeof images)[number]): string => names[0] ?? config;
  const sorted = images.toSorted((one, other) => compareStrings(nameOf(one), nameOf(other)));
  return { images: sorted, small: kept, ociIndex: ociIndex?.toString() };
}

function incomplete(path: string): ReynsError {
  return new ReynsError("ENGINE_REFUSED", `the Engine's export of the images lacks ${path}`);
}

/** An entry of `manifest.json`. */
interface ExportManifest {
  readonly Config: string;
  readonly RepoTags: string[] | null;
  readonly Layers: readonly string[];
}

function manifestOf({ small }: ExportedImages): readonly ExportManifest[] {
  const value = parseJson(small.get("manifest.json")?.toString() ?? "");
  if (!Array.isArray(value)) throw incomplete("manifest.json");
  return value as readonly ExportManifest[];
}

function diffIdsOf(config: Buffer | undefined): readonly string[] {
  const value = parseJson(config?.toString() ?? "");
  const rootfs = isRecord(value) ? value["rootfs"] : undefined;
  const ids = isRecord(rootfs) ? rootfs["diff_ids"] : undefined;
  return Array.isArray(ids) ? (ids as readonly string[]) : [];
}

interface Kept {
  readonly exported: ExportedImages;
  readonly kept: Map<string, Buffer>;
  readonly isLeftOut: (digest: string) => boolean;
}

/** Manifests that the index leads to, with the configurations and attestations that are there. */
function addManifests(document: Buffer, context: Kept): void {
  const value = parseJson(document.toString());
  if (!isRecord(value)) return;
  const { manifests = [], config = [], layers = [] } = value;
  const { exported, kept, isLeftOut } = context;
  for (const entry of [manifests, config, layers].flat()) {
    const digest = isRecord(entry) ? entry["digest"] : undefined;
    if (typeof digest !== "string" || kept.has(digest) || isLeftOut(digest)) continue;
    const content = exported.small.get(blobName(digest));
    if (!content) continue;
    kept.set(digest, content);
    if (Array.isArray(manifests) && manifests.includes(entry)) addManifests(content, context);
  }
}

/** With the names that were asked for, and the id by which another Engine can tell whether it has the same. */
export function withIds(
  { images }: NormalizedImages,
  stored: ReadonlyMap<string, StoredImage>,
): SavedImage[] {
  return images.map((image) => {
    const names = image.names.map((name) => askedName(name, stored));
    const name = names.find((one) => stored.has(one));
    return { ...image, names, id: (name !== undefined && stored.get(name)?.id) || image.config };
  });
}

/** Podman writes names in full, and those without a registry with its own one. */
function askedName(name: string, stored: ReadonlyMap<string, unknown>): string {
  const others = [name, name.replace(/^localhost\//, ""), shortImageName(name)];
  return others.find((one) => stored.has(one)) ?? name;
}
