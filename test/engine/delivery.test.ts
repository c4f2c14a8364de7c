import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { connectEngine } from "../../src/docker/client/connect.ts";
import { findStoredImage, type StoredImage } from "../../src/docker/images/image-archive.ts";
import type { SendImage } from "../../src/model/build-image.ts";
import type { BlobContent } from "../../src/runtime/delivery/blob-file.ts";
import { readNodeLayers } from "../../src/runtime/delivery/node-layers.ts";
import { packImages, type PackedImages } from "../../src/runtime/delivery/pack-images.ts";
import { openRegistry } from "../../src/runtime/delivery/registry.ts";
import { sendImage } from "../../src/runtime/delivery/send-image.ts";
import { findImagesToSave } from "../../src/runtime/saved/save.ts";
import { importSmallImage, smallImage } from "../binary/support/small-image.ts";
import { removeIfPossible } from "../support/engine-api.ts";
import { must, temporaryFolder } from "./support/images-container.ts";

setDefaultTimeout(60_000);

/** Both have a large layer on top of the small image, and a layer of their own. */
const [first, second] = ["a", "b"].map(
  (name) => `reyns-test/delivered-${name}-${process.pid}:1`,
) as [string, string];
const { signal } = new AbortController();
const engine = await connectEngine({}, {});
let images: ReadonlyMap<string, StoredImage>;
let packed: PackedImages;

beforeAll(async () => {
  await importSmallImage();
  for (const name of [first, second]) await build(name);
  images = await findImagesToSave(engine, [first, second]);
  const base = (await findStoredImage(engine, smallImage))?.diffIds ?? [];
  const all = [...images.values()].flatMap(({ diffIds }) => diffIds);
  const needed = new Set(all.filter((diffId) => !base.includes(diffId)));
  packed = await packImages(engine, images, { needed, onBytes: () => {}, signal });
});

afterAll(async () => {
  await packed?.[Symbol.asyncDispose]();
  await forget();
});

async function build(name: string): Promise<void> {
  await using folder = await temporaryFolder();
  const dockerfile = `FROM ${smallImage}\nCOPY shared /\nRUN echo ${name} > /own\n`;
  await Bun.write(join(folder.path, "Dockerfile"), dockerfile);
  await Bun.write(join(folder.path, "shared"), `${process.pid}`.repeat(100_000));
  await must("docker", "build", "-q", "-t", name, folder.path);
}

async function forget(): Promise<void> {
  for (const name of [first, second]) await removeIfPossible(`/images/${name}?force=true`);
}

async function send(
  image: string,
  from: PackedImages,
  there: Awaited<ReturnType<typeof readNodeLayers>>,
): Promise<string> {
  const step = { kind: "send-image", image, from: "one", node: "two" } as SendImage;
  const listener = { onNote: () => {}, onWarning: () => {} };
  const registry = () => openRegistry(from, signal);
  return sendImage({ step, packed: from, images: there, registry, engine, signal, ...listener });
}

test("an Engine gets only the layers that it lacks, and has the same images then", async () => {
  await forget();
  const there = await readNodeLayers(engine);
  expect(await send(first, packed, there)).toMatch(/^sent [\d.]+ kB, 2 of 3 layers, from one$/);
  expect(await send(second, packed, there)).toMatch(/^sent [\d.]+ kB, 1 of 3 layers, from one$/);
  for (const [name, { id }] of images) expect((await findStoredImage(engine, name))?.id).toBe(id);
  expect(await must("docker", "run", "--rm", second, "cat", "/own")).toBe(second);
  expect(await send(first, packed, await readNodeLayers(engine))).toContain(" 0 of 3 layers");
});

function half(blob: BlobContent): BlobContent {
  const read = async function* (): AsyncGenerator<Uint8Array> {
    for await (const bytes of blob.read(signal)) yield bytes.subarray(0, bytes.length / 2);
    throw new Error("it broke off");
  };
  return { ...blob, read };
}

test("an image that breaks off on its way is not there, and is sent again", async () => {
  await forget();
  const broken: PackedImages = {
    ...packed,
    layer: (digest) => {
      const layer = packed.layer(digest);
      return layer && { ...layer, compressed: async () => half(await layer.compressed()) };
    },
  };
  const there = await readNodeLayers(engine);
  const failure = await send(first, broken, there).catch((error: unknown) => error);
  expect(failure).toMatchObject({ message: "it broke off" });
  expect(await findStoredImage(engine, first)).toBeUndefined();
  expect(await send(first, packed, there)).toContain("2 of 3 layers");
});
