import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Credentials } from "../../docker/config/credentials.ts";
import { toStream } from "../../docker/client/tar-transfer.ts";
import { isRecord } from "../../lib/is-record.ts";
import { parseJson } from "../../lib/parse-json.ts";
import type { BlobContent, KeptBlob } from "./blob-file.ts";
import { contentsOf, type OciImage } from "./oci-image.ts";
import type { PackedImages } from "./pack-images.ts";

/** A registry for this command's images, which nodes pull from: at a free port of loopback, behind passwords. */
export interface ImageRegistry extends AsyncDisposable {
  readonly port: number;
  /** Offers an image to one node. */
  readonly add: (node: string, image: OciImage) => OfferedImage;
  /** For a node that reaches it at an address: each has a password of its own. */
  readonly credentialsOf: (node: string, address: string) => Credentials;
}

export interface OfferedImage {
  /** Nobody else's: another command may have the same image pulled at the same time. */
  readonly repository: string;
  readonly served: Readonly<Served>;
}

/** What a node has got of an image so far. */
interface Served {
  /** It has asked for the image. */
  isAsked: boolean;
  bytes: number;
  /** Digests of layers. */
  readonly layers: Set<string>;
  /** Why something could not be read here. */
  failure: unknown;
}

interface Offer {
  readonly node: string;
  readonly image: OciImage;
  /** All that the image consists of. */
  readonly digests: ReadonlySet<string>;
  readonly served: Served;
}

/** What all requests need. */
interface Shelf {
  readonly packed: PackedImages;
  /** Repository -> its only image. */
  readonly offers: Map<string, Offer>;
  /** Node -> its password. */
  readonly passwords: Map<string, string>;
  readonly signal: AbortSignal;
}

const sentPrefix = "reyns/sent-";

/** Recognizes a name that an image has on a node while it is pulled; its first group is the port. */
export const sentName = new RegExp(String.raw`^127\.0\.0\.1:(\d+)/${sentPrefix}`);

/** @see https://distribution.github.io/distribution/spec/api/ */
export function openRegistry(packed: PackedImages, signal: AbortSignal): ImageRegistry {
  const shelf: Shelf = { packed, offers: new Map(), passwords: new Map(), signal };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    // A node may take its time to unpack a layer.
    idleTimeout: 0,
    // Its page about an error would show paths of this machine.
    development: false,
    // Engines repeat a request for minutes, unless they are denied it.
    error: () => refuse(403, "DENIED"),
    fetch: (request) => answer(request, shelf),
  });
  return {
    port: server.port ?? 0,
    add: (node, image) => {
      const repository = `${sentPrefix}${randomBytes(8).toString("hex")}`;
      const served = { isAsked: false, bytes: 0, layers: new Set<string>(), failure: undefined };
      shelf.offers.set(repository, { node, image, digests: contentsOf(packed, image), served });
      return { repository, served };
    },
    credentialsOf: (node, serveraddress) => {
      const password = shelf.passwords.get(node) ?? randomBytes(24).toString("hex");
      shelf.passwords.set(node, password);
      return { serveraddress, username: node, password };
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

function answer(request: Request, shelf: Shelf): Response | Promise<Response> {
  const node = nodeOf(request.headers.get("authorization") ?? "", shelf);
  if (node === undefined) return refuse(401, "UNAUTHORIZED");
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, "UNSUPPORTED");
  const { pathname } = new URL(request.url);
  if (pathname === "/v2/") return Response.json({});
  const [, repository = "", kind, reference = ""] =
    /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(pathname) ?? [];
  const offer = shelf.offers.get(repository);
  if (offer?.node !== node) return refuse(404, "NAME_UNKNOWN");
  offer.served.isAsked = true;
  if (kind === "manifests") return answerManifest(request, shelf, { offer, reference });
  return answerBlob(request, shelf, { offer, digest: reference });
}

/** The user of the request, which is a node's name; undefined with another password than that node's. */
function nodeOf(authorization: string, { passwords }: Shelf): string | undefined {
  const [, encoded = ""] = /^Basic (\S+)$/i.exec(authorization) ?? [];
  const [, node = "", given = ""] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  const [bytes, password] = [Buffer.from(given), Buffer.from(passwords.get(node) ?? "")];
  if (password.length === 0 || bytes.length !== password.length) return undefined;
  return timingSafeEqual(bytes, password) ? node : undefined;
}

function refuse(status: number, code: string): Response {
  const headers = status === 401 ? { "www-authenticate": 'Basic realm="reyns"' } : {};
  return Response.json({ errors: [{ code, message: code }] }, { status, headers });
}

interface ManifestRequest {
  readonly offer: Offer;
  /** A tag or a digest. */
  readonly reference: string;
}

function answerManifest(
  { method }: Request,
  { packed }: Shelf,
  { offer: { image, digests }, reference }: ManifestRequest,
): Response {
  const digest = reference.startsWith("sha256:") ? reference : image.manifest.digest;
  const content = image.added.get(digest) ?? packed.small.get(digest);
  if (!content || !digests.has(digest)) return refuse(404, "MANIFEST_UNKNOWN");
  const headers = {
    "content-type": mediaTypeOf(content) ?? image.manifest.mediaType,
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
  readonly offer: Offer;
  readonly digest: string;
}

/** Layers are kept as they are, and compressed for the way, so that they have the same digest wherever they come from. */
async function answerBlob(
  { method, headers }: Request,
  { packed, signal }: Shelf,
  { offer: { digests, served }, digest }: BlobRequest,
): Promise<Response> {
  const [small, layer] = [packed.small.get(digest), packed.layer(digest)];
  const size = small?.length ?? layer?.size;
  if (size === undefined || !digests.has(digest)) return refuse(404, "BLOB_UNKNOWN");
  const described = { "content-type": "application/octet-stream", "docker-content-digest": digest };
  if (method === "HEAD")
    return new Response(null, { headers: { ...described, "content-length": String(size) } });
  if (packed.isLayer(digest)) served.layers.add(digest);
  if (small || !layer) {
    served.bytes += size;
    return new Response(new Uint8Array(small ?? []), { headers: described });
  }
  const isCompressed = (headers.get("accept-encoding") ?? "").includes("gzip");
  const content = isCompressed ? await compress(layer, served) : layer;
  const encoding = isCompressed ? { "content-encoding": "gzip" } : {};
  const body = toStream(counted(content.read(signal), served));
  return new Response(body, { headers: { ...described, ...encoding } });
}

async function* counted(
  content: AsyncIterable<Uint8Array>,
  served: Served,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const bytes of content) {
      served.bytes += bytes.length;
      yield bytes;
    }
  } catch (error) {
    served.failure ??= error;
    throw error;
  }
}

/** The node is not told why it failed: the cause is kept for whoever waits for the pull. */
async function compress(layer: KeptBlob, served: Served): Promise<BlobContent> {
  try {
    return await layer.compressed();
  } catch (error) {
    served.failure ??= error;
    throw error;
  }
}
