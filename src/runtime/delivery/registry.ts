import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Credentials } from "../../docker/config/credentials.ts";
import { toStream } from "../../docker/client/tar-transfer.ts";
import { isRecord } from "../../lib/is-record.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { sha256 } from "../../lib/sha256.ts";
import type { OciImage } from "./oci-image.ts";
import type { PackedImages } from "./pack-images.ts";

/** A registry for this command's images, which nodes pull from: at a free port of loopback, behind a password. */
export interface ImageRegistry extends AsyncDisposable {
  readonly port: number;
  /**
   * Offers an image.
   *
   * @returns its repository
   */
  readonly add: (name: string, image: OciImage) => string;
  /** For a node that reaches it at an address. */
  readonly credentialsOf: (node: string, address: string) => Credentials;
  /** What a node has got so far. */
  readonly servedTo: (node: string) => Served;
}

export interface Served {
  readonly bytes: number;
  /** Digests of layers. */
  readonly layers: ReadonlySet<string>;
}

/** What all requests need. */
interface Shelf {
  readonly packed: PackedImages;
  /** `REPOSITORY` -> its only image. */
  readonly images: Map<string, OciImage>;
  readonly served: Map<string, { bytes: number; layers: Set<string> }>;
  readonly password: Buffer;
  readonly signal: AbortSignal;
}

/** @see https://distribution.github.io/distribution/spec/api/ */
export function openRegistry(packed: PackedImages, signal: AbortSignal): ImageRegistry {
  const password = randomBytes(24).toString("hex");
  const shelf: Shelf = {
    packed,
    images: new Map(),
    served: new Map(),
    password: Buffer.from(password),
    signal,
  };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    // A node may take its time to unpack a layer.
    idleTimeout: 0,
    fetch: (request) => answer(request, shelf),
  });
  return {
    port: server.port ?? 0,
    add: (name, image) => {
      const repository = repositoryOf(name);
      shelf.images.set(repository, image);
      return repository;
    },
    credentialsOf: (node, serveraddress) => ({ serveraddress, username: node, password }),
    servedTo: (node) => servedTo(shelf, node),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** Any image has a name that is one of a registry, and that is recognized where it was left behind. */
function repositoryOf(name: string): string {
  return `reyns/sent-${sha256(Buffer.from(name)).toString("hex").slice(0, 16)}`;
}

function servedTo({ served }: Shelf, node: string): { bytes: number; layers: Set<string> } {
  const known = served.get(node) ?? { bytes: 0, layers: new Set<string>() };
  served.set(node, known);
  return known;
}

function answer(request: Request, shelf: Shelf): Response | Promise<Response> {
  const node = nodeOf(request.headers.get("authorization") ?? "", shelf);
  if (node === undefined) return refuse(401, "UNAUTHORIZED");
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, "UNSUPPORTED");
  const { pathname } = new URL(request.url);
  if (pathname === "/v2/") return Response.json({});
  const [, repository = "", kind, reference = ""] =
    /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(pathname) ?? [];
  if (kind === "manifests") return answerManifest(request, shelf, { repository, reference });
  if (kind === "blobs") return answerBlob(request, shelf, { digest: reference, node });
  return refuse(404, "NAME_UNKNOWN");
}

/** The user of the request, which is a node's name; undefined with another password. */
function nodeOf(authorization: string, { password }: Shelf): string | undefined {
  const [, encoded = ""] = /^Basic (\S+)$/i.exec(authorization) ?? [];
  const [, node, given = ""] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  const bytes = Buffer.from(given);
  return bytes.length === password.length && timingSafeEqual(bytes, password) ? node : undefined;
}

function refuse(status: number, code: string): Response {
  const headers = status === 401 ? { "www-authenticate": 'Basic realm="reyns"' } : {};
  return Response.json({ errors: [{ code, message: code }] }, { status, headers });
}

interface ManifestRequest {
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
}

function answerManifest(
  { method }: Request,
  shelf: Shelf,
  { repository, reference }: ManifestRequest,
): Response {
  const image = shelf.images.get(repository);
  const digest = reference.startsWith("sha256:") ? reference : image?.manifest.digest;
  const content = image?.added.get(digest ?? "") ?? shelf.packed.small.get(digest ?? "");
  if (digest === undefined || !content) return refuse(404, "MANIFEST_UNKNOWN");
  const headers = {
    "content-type": mediaTypeOf(content) ?? image?.manifest.mediaType ?? "",
    "content-length": String(content.length),
    "docker-content-digest": digest,
  };
  return new Response(method === "HEAD" ? null : new Uint8Array(content), { headers });
}

function mediaTypeOf(manifest: Buffer): string | undefined {
  const value = parseJson(manifest.toString());
  const type = isRecord(value) ? value["mediaType"] : undefined;
  return typeof type === "string" ? type : undefined;
}

interface BlobRequest {
  readonly digest: string;
  readonly node: string;
}

/** Layers are kept as they are, and compressed for the way, so that they have the same digest wherever they come from. */
async function answerBlob(
  { method, headers }: Request,
  shelf: Shelf,
  { digest, node }: BlobRequest,
): Promise<Response> {
  const [small, layer] = [shelf.packed.small.get(digest), shelf.packed.layer(digest)];
  const size = small?.length ?? layer?.size;
  if (size === undefined) return refuse(404, "BLOB_UNKNOWN");
  const described = { "content-type": "application/octet-stream", "docker-content-digest": digest };
  if (method === "HEAD")
    return new Response(null, { headers: { ...described, "content-length": String(size) } });
  const served = servedTo(shelf, node);
  if (shelf.packed.isLayer(digest)) served.layers.add(digest);
  if (small || !layer) {
    served.bytes += size;
    return new Response(new Uint8Array(small ?? []), { headers: described });
  }
  const isCompressed = (headers.get("accept-encoding") ?? "").includes("gzip");
  const content = isCompressed ? await layer.compressed() : layer;
  const body = async function* (): AsyncGenerator<Uint8Array> {
    for await (const bytes of content.read(shelf.signal)) {
      served.bytes += bytes.length;
      yield bytes;
    }
  };
  const encoding = isCompressed ? { "content-encoding": "gzip" } : {};
  return new Response(toStream(body()), { headers: { ...described, ...encoding } });
}
