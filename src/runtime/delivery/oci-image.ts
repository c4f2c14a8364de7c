import { dockerHub, registryOf } from "../../docker/config/credentials.ts";
import { shortImageName } from "../../docker/images/images.ts";
import { isRecord } from "../../lib/is-record.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { sha256 } from "../../lib/sha256.ts";
import type { SavedImage } from "../../model/saved-project.ts";
import type { PackedImages } from "./pack-images.ts";

/** How an index of an OCI layout names a content. */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image as stores other than Docker's own have it. */
export interface OciImage {
  /** With this digest as its id. */
  readonly manifest: Descriptor;
  /** Contents that the packed images do not have, by digest. */
  readonly added: ReadonlyMap<string, Buffer>;
}

const imageName = "io.containerd.image.name";
const vendor = "application/vnd.oci.image";

/**
 * The manifest of an image: that of the Engine that it comes from, where that has one, so that it is the same image; else
 * one with uncompressed layers, which is always the same for the same image.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/manifest.md
 */
export function ociImageOf(packed: PackedImages, image: SavedImage, name: string): OciImage {
  const known = packed.ociIndex === undefined ? [] : manifestsOf(packed.ociIndex);
  const own = known.find(
    ({ annotations }) => shortImageName(annotations?.[imageName] ?? "") === name,
  );
  if (own) return { manifest: own, added: new Map() };
  const content = Buffer.from(JSON.stringify(newManifest(packed, image)));
  const digest = `sha256:${sha256(content).toString("hex")}`;
  const mediaType = `${vendor}.manifest.v1+json`;
  const manifest = { mediaType, digest, size: content.length, annotations: namesOf(name) };
  return { manifest, added: new Map([[digest, content]]) };
}

/** The digests of all that an image consists of: its manifests, and what these name. */
export function contentsOf({ small }: PackedImages, { manifest, added }: OciImage): Set<string> {
  const digests = new Set<string>();
  const visit = (digest: string): void => {
    if (digests.has(digest)) return;
    digests.add(digest);
    const value = parseJson((added.get(digest) ?? small.get(digest))?.toString() ?? "");
    if (!isRecord(value)) return;
    for (const named of [value["manifests"], value["config"], value["layers"]].flat())
      if (isRecord(named) && typeof named["digest"] === "string") visit(named["digest"]);
  };
  visit(manifest.digest);
  return digests;
}

/** The `index.json` of a layout with one image. */
export function ociIndex({ manifest }: OciImage): string {
  const mediaType = `${vendor}.index.v1+json`;
  return JSON.stringify({ schemaVersion: 2, mediaType, manifests: [manifest] });
}

function manifestsOf(index: string): readonly Descriptor[] {
  const value = parseJson(index);
  const manifests = isRecord(value) ? value["manifests"] : undefined;
  return Array.isArray(manifests) ? (manifests as readonly Descriptor[]) : [];
}

function newManifest({ small }: PackedImages, { config, layers }: SavedImage): object {
  const type = (kind: string): string => `${vendor}.${kind}`;
  return {
    schemaVersion: 2,
    mediaType: type("manifest.v1+json"),
    config: {
      mediaType: type("config.v1+json"),
      digest: config,
      size: small.get(config)?.length ?? 0,
    },
    layers: layers.map(({ digest, size }) => ({ mediaType: type("layer.v1.tar"), digest, size })),
  };
}

/** As containerd writes names: in full. */
function namesOf(name: string): Readonly<Record<string, string>> {
  const path = name.includes("/") ? name : `library/${name}`;
  const tag = name.slice(name.lastIndexOf(":") + 1);
  return {
    [imageName]: registryOf(name) === dockerHub ? `docker.io/${path}` : name,
    "org.opencontainers.image.ref.name": tag,
  };
}
