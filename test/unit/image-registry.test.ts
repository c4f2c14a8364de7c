import { expect, test } from "bun:test";
import { readdir, readlink, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOffer, type SshEndpoint } from "../../src/docker/client/ssh-forward.ts";
import type { SendImage } from "../../src/model/build-image.ts";
import type { RuntimeContext } from "../../src/runtime/context.ts";
import { sendStep } from "../../src/runtime/executor/steps/send.ts";
import { temporaryFolder } from "../engine/support/images-container.ts";
import { sha256 } from "../../src/lib/sha256.ts";
import { createBlobFile } from "../../src/runtime/delivery/blob-file.ts";
import { ociImageOf } from "../../src/runtime/delivery/oci-image.ts";
import type { PackedImages } from "../../src/runtime/delivery/pack-images.ts";
import { openRegistry, type ImageRegistry } from "../../src/runtime/delivery/registry.ts";

const { signal } = new AbortController();
const layer = Buffer.from("a layer ".repeat(100_000));
/** Packed for another image. */
const other = Buffer.from("another layer ".repeat(100_000));
const config = Buffer.from('{"rootfs":{}}');
const digestOf = (content: Buffer): string => `sha256:${sha256(content).toString("hex")}`;

// oxlint-disable-next-line require-await
async function* streamOf(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}

async function pack(): Promise<PackedImages> {
  const blobs = await createBlobFile(signal);
  const add = (content: Buffer): Promise<string> =>
    blobs.addFile({ name: (own) => own, size: content.length }, streamOf(content));
  const digest = await add(layer);
  await add(other);
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
  readonly node?: string;
}

/** Asks as a node does. */
function ask({ port, credentialsOf }: ImageRegistry, path: string, init: Ask = {}) {
  const { username, password } = credentialsOf(init.node ?? "node1", "127.0.0.1");
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const headers = { authorization, "accept-encoding": "identity", ...init.headers };
  return fetch(`http://127.0.0.1:${port}/v2/${path}`, { ...init, headers });
}

function offer(registry: ImageRegistry, packed: PackedImages) {
  const [image] = packed.images;
  if (!image) throw new Error("no image");
  const oci = ociImageOf(packed, image, "shop/web:latest");
  return { oci, ...registry.add("node1", oci) };
}

test("the registry gives an image to the node that it is sent to, until it ends", async () => {
  await using packed = await pack();
  const registry = openRegistry(packed, signal);
  const { oci, repository, served } = offer(registry, packed);
  const paths = [`${repository}/manifests/latest`, `${repository}/blobs/${digestOf(layer)}`];

  expect((await ask(registry, "")).status).toBe(200);
  const { password } = registry.credentialsOf("node2", "127.0.0.1");
  for (const user of ["node1:x", "node1:", "node3:", `node1:${password}`])
    for (const path of ["", ...paths]) {
      const stranger = { headers: { authorization: `Basic ${btoa(user)}` } };
      expect((await ask(registry, path, stranger)).status).toBe(401);
    }
  for (const path of paths) expect((await ask(registry, path, { node: "node2" })).status).toBe(404);
  expect(served.isAsked).toBe(false);

  const head = await ask(registry, `${repository}/manifests/latest`, { method: "HEAD" });
  expect(head.headers.get("docker-content-digest")).toBe(oci.manifest.digest);
  expect(head.headers.get("content-length")).toBe(String(oci.manifest.size));
  expect(served.isAsked).toBe(true);
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
  expect(served.bytes).toBe(layer.length);
  const gzip = { headers: { "accept-encoding": "zstd, gzip" } };
  const compressed = await ask(registry, `${repository}/blobs/${digestOf(layer)}`, gzip);
  expect(digestOf(Buffer.from(await compressed.arrayBuffer()))).toBe(digestOf(layer));
  expect(served.bytes).toBeLessThan(layer.length * 1.1);
  expect([...served.layers]).toEqual([digestOf(layer)]);

  for (const digest of ["sha256:00", digestOf(other)])
    expect((await ask(registry, `${repository}/blobs/${digest}`)).status).toBe(404);
  expect((await ask(registry, `${repository}/blobs/uploads/`, { method: "POST" })).status).toBe(
    405,
  );
  await registry[Symbol.asyncDispose]();
  const end = await ask(registry, "").catch(() => "refused");
  expect(end).toBe("refused");
});

test("a layer that cannot be read is refused without a word, and the cause is kept", async () => {
  await using packed = await pack();
  const cause = Object.assign(new Error("no space left at /a/path"), { code: "ENOSPC" });
  const broken: PackedImages = {
    ...packed,
    layer: (digest) => {
      const found = packed.layer(digest);
      return found && { ...found, compressed: () => Promise.reject(cause) };
    },
  };
  await using registry = openRegistry(broken, signal);
  const { repository, served } = offer(registry, broken);
  const gzip = { headers: { "accept-encoding": "gzip" } };
  const answer = await ask(registry, `${repository}/blobs/${digestOf(layer)}`, gzip);
  expect(answer.status).toBe(403);
  expect(await answer.json()).toEqual({ errors: [{ code: "DENIED", message: "DENIED" }] });
  expect(served.failure).toBe(cause);
});

// Open files are listed in /proc.
test.skipIf(process.platform !== "linux")(
  "layers that are not sent take no space once they have passed",
  async () => {
    await using blobs = await createBlobFile(signal);
    const add = (name?: string): Promise<string> =>
      blobs.addFile({ name: () => name, size: layer.length }, streamOf(layer));
    await add();
    expect(await sizeOfLayers()).toBe(0);
    const digest = await add("kept");
    await add("again");
    expect(await sizeOfLayers()).toBe(layer.length);
    const read = blobs.find(digest)?.read(signal) ?? [];
    expect(digestOf(Buffer.concat(await Array.fromAsync(read)))).toBe(digestOf(layer));
  },
);

/** Bytes of the file without a name that this process has open last. */
async function sizeOfLayers(): Promise<number> {
  const sizes: number[] = [];
  for (const descriptor of (await readdir("/proc/self/fd")).toSorted((a, b) => +a - +b)) {
    const path = `/proc/self/fd/${descriptor}`;
    const target = await readlink(path).catch(() => "");
    if (target.includes("reyns-layers-")) sizes.push((await stat(path)).size);
  }
  return sizes.at(-1) ?? -1;
}

test("a fault of the folder for layers is named, with what to do", async () => {
  const step = { kind: "send-image", image: "shop/web", from: "node1", node: "node2" };
  const failureOf = (code: string): Promise<unknown> => {
    const send = (): Promise<string> => Promise.reject(Object.assign(new Error("x"), { code }));
    const context = { delivery: async () => ({ send }), emit: () => {}, signal };
    return sendStep(step as SendImage, context as unknown as RuntimeContext).catch(
      (error: unknown) => error,
    );
  };
  const faults = {
    ...{ ENOSPC: "is full", EDQUOT: "has no quota left", EACCES: "is not writable" },
    ...{ EROFS: "is read-only", ENOENT: "does not exist" },
  };
  for (const [code, fault] of Object.entries(faults))
    expect(await failureOf(code)).toMatchObject({
      code: "FILE_REFUSED",
      message: `cannot send the image shop/web from node1 to node2: ${tmpdir()} on this machine ${fault}`,
      hint: expect.stringContaining("TMPDIR=FOLDER"),
    });
  expect(await failureOf("EMFILE")).toMatchObject({
    code: "FILE_REFUSED",
    hint: expect.stringContaining("ulimit -n"),
  });
});

test("a port is not waited for once the command is to end, also where ssh hangs", async () => {
  await using folder = await temporaryFolder();
  const ssh = join(folder.path, "ssh");
  await writeFile(ssh, "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
  const path = process.env["PATH"];
  process.env["PATH"] = `${folder.path}:${path}`;
  try {
    const stopped = new AbortController();
    const endpoint = { kind: "ssh", host: "nowhere", address: "ssh://nowhere" } as SshEndpoint;
    const offered = createOffer(endpoint, folder.path)(1, stopped.signal);
    stopped.abort(new Error("stopped"));
    expect(await offered.catch((error: unknown) => error)).toBe(stopped.signal.reason);
  } finally {
    process.env["PATH"] = path;
  }
});
