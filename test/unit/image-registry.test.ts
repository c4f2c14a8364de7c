import { expect, test } from "bun:test";
import { sha256 } from "../../src/lib/sha256.ts";
import { createBlobFile } from "../../src/runtime/delivery/blob-file.ts";
import { ociImageOf } from "../../src/runtime/delivery/oci-image.ts";
import type { PackedImages } from "../../src/runtime/delivery/pack-images.ts";
import { openRegistry, type ImageRegistry } from "../../src/runtime/delivery/registry.ts";

const { signal } = new AbortController();
const layer = Buffer.from("a layer ".repeat(100_000));
const config = Buffer.from('{"rootfs":{}}');
const digestOf = (content: Buffer): string => `sha256:${sha256(content).toString("hex")}`;

// oxlint-disable-next-line require-await
async function* streamOf(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}

async function pack(): Promise<PackedImages> {
  const blobs = await createBlobFile(signal);
  const digest = await blobs.addFile({ name: (own) => own, size: layer.length }, streamOf(layer));
  const layers = [{ digest, diffId: digest, size: layer.length }];
  const names = ["shop/web:latest"];
  return {
    images: [{ names, id: digestOf(config), config: digestOf(config), layers }],
    isLayer: (one) => one === digest,
    layer: blobs.find,
    small: new Map([[digestOf(config), config]]),
    ociIndex: undefined,
    [Symbol.asyncDispose]: () => blobs[Symbol.asyncDispose](),
  };
}

interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks as a node does. */
function ask({ port, credentialsOf }: ImageRegistry, path: string, init: Ask = {}) {
  const { username, password } = credentialsOf("node1", "127.0.0.1");
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const headers = { authorization, "accept-encoding": "identity", ...init.headers };
  return fetch(`http://127.0.0.1:${port}/v2/${path}`, { ...init, headers });
}

test("the registry gives an image to whoever has its password, until it ends", async () => {
  await using packed = await pack();
  const registry = openRegistry(packed, signal);
  const [image] = packed.images;
  if (!image) throw new Error("no image");
  const oci = ociImageOf(packed, image, "shop/web:latest");
  const repository = registry.add("shop/web:latest", oci);

  expect((await ask(registry, "")).status).toBe(200);
  const stranger = { headers: { authorization: `Basic ${btoa("node1:x")}` } };
  for (const path of [
    "",
    `${repository}/manifests/latest`,
    `${repository}/blobs/${digestOf(layer)}`,
  ])
    expect((await ask(registry, path, stranger)).status).toBe(401);

  const head = await ask(registry, `${repository}/manifests/latest`, { method: "HEAD" });
  expect(head.headers.get("docker-content-digest")).toBe(oci.manifest.digest);
  expect(head.headers.get("content-length")).toBe(String(oci.manifest.size));
  const manifest = await ask(registry, `${repository}/manifests/${oci.manifest.digest}`);
  expect(manifest.headers.get("content-type")).toBe(oci.manifest.mediaType);
  const text = Buffer.from(await manifest.arrayBuffer());
  expect(digestOf(text)).toBe(oci.manifest.digest);
  expect(JSON.parse(text.toString())).toMatchObject({
    config: { digest: digestOf(config), size: config.length },
    layers: [{ digest: digestOf(layer), size: layer.length }],
  });

  const blob = await ask(registry, `${repository}/blobs/${digestOf(layer)}`);
  expect(blob.headers.get("content-encoding")).toBeNull();
  expect(digestOf(Buffer.from(await blob.arrayBuffer()))).toBe(digestOf(layer));
  expect(registry.servedTo("node1").bytes).toBe(layer.length);
  const gzip = { headers: { "accept-encoding": "zstd, gzip" } };
  const compressed = await ask(registry, `${repository}/blobs/${digestOf(layer)}`, gzip);
  expect(digestOf(Buffer.from(await compressed.arrayBuffer()))).toBe(digestOf(layer));
  expect(registry.servedTo("node1").bytes).toBeLessThan(layer.length * 1.1);
  expect([...registry.servedTo("node1").layers]).toEqual([digestOf(layer)]);
  expect(registry.servedTo("node2").bytes).toBe(0);

  expect((await ask(registry, `${repository}/blobs/sha256:00`)).status).toBe(404);
  expect((await ask(registry, `${repository}/blobs/uploads/`, { method: "POST" })).status).toBe(
    405,
  );
  await registry[Symbol.asyncDispose]();
  const end = await ask(registry, "").catch(() => "refused");
  expect(end).toBe("refused");
});
