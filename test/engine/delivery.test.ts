import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { connectEngine } from "../../src/docker/client/connect.ts";
import type { Engine } from "../../src/docker/client/engine.ts";
import type { OfferPort } from "../../src/docker/client/transport.ts";
import { imageStoreOf } from "../../src/docker/images/image-store.ts";
import { findStoredImage, type StoredImage } from "../../src/docker/images/image-archive.ts";
import type { SendImage } from "../../src/model/build-image.ts";
import { createDelivery } from "../../src/runtime/delivery/delivery.ts";
import { ociImageOf } from "../../src/runtime/delivery/oci-image.ts";
import { pullFromHere, UnreachedRegistry } from "../../src/runtime/delivery/pull-image.ts";
import { readNodeLayers } from "../../src/runtime/delivery/node-layers.ts";
import { packImages, type PackedImages } from "../../src/runtime/delivery/pack-images.ts";
import { openRegistry } from "../../src/runtime/delivery/registry.ts";
import { sendImage } from "../../src/runtime/delivery/send-image.ts";
import { findImagesToSave } from "../../src/runtime/saved/save.ts";
import { importSmallImage, smallImage } from "../binary/support/small-image.ts";
import { removeIfPossible } from "../support/engine-api.ts";
import {
  buildImage,
  createForwards,
  half,
  openLayers,
  sentNames,
  sizeIn,
  withLayers,
} from "./support/delivered.ts";
import { must, temporaryFolder } from "./support/images-container.ts";

setDefaultTimeout(60_000);

/** Both have a large layer on top of the small image, and a layer of their own. */
const [first, second] = ["a", "b"].map(
  (name) => `reyns-test/delivered-${name}-${process.pid}:1`,
) as [string, string];
/** No store makes it smaller. */
const shared = randomBytes(500_000);
const { signal } = new AbortController();
const engine = await connectEngine({}, {});
const store = await imageStoreOf(engine);
/** Which layers the other stores have cannot be told: they get all of an image that they do not pull. */
const sizes =
  store === "classic"
    ? ["kB, 2 of 3", "kB, 1 of 3", "(?:B|kB), 0 of 3"]
    : ["MB, 3 of 3", "MB, 3 of 3", "MB, 3 of 3"];
const [sentFirst, sentSecond, sentAgain] = sizes.map(
  (size) => new RegExp(`^sent [\\d.]+ ${size} layers, from one$`),
) as [RegExp, RegExp, RegExp];
let images: ReadonlyMap<string, StoredImage>;
let packed: PackedImages;
/** With the layers of the small image. */
let whole: PackedImages;

beforeAll(async () => {
  await importSmallImage();
  for (const name of [first, second])
    await buildImage(name, `COPY shared /\nRUN echo ${name} > /own\n`, { shared });
  images = await findImagesToSave(engine, [first, second]);
  const base = (await findStoredImage(engine, smallImage))?.diffIds ?? [];
  const all = [...images.values()].flatMap(({ diffIds }) => diffIds);
  const needed = new Set(all.filter((diffId) => !base.includes(diffId)));
  const options = { isForClassicOnly: true, onBytes: () => {}, signal };
  packed = await packImages(engine, images, { ...options, needed });
  whole = await packImages(engine, images, { ...options, needed: new Set(all) });
});

afterAll(async () => {
  await packed?.[Symbol.asyncDispose]();
  await whole?.[Symbol.asyncDispose]();
  await forget();
});

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

test(`an Engine gets only the layers that it lacks, or all where its store (${store}) takes no part, and has the same images then`, async () => {
  await forget();
  const there = await readNodeLayers(engine);
  expect(await send(first, packed, there)).toMatch(sentFirst);
  expect(await send(second, packed, there)).toMatch(sentSecond);
  for (const [name, { id }] of images) expect((await findStoredImage(engine, name))?.id).toBe(id);
  expect(await must("docker", "run", "--rm", second, "cat", "/own")).toBe(second);
  expect(await send(first, packed, await readNodeLayers(engine))).toMatch(sentAgain);
});

/** Folders, links and removed files, of which a layer has no contents, or only once. */
const odd =
  "RUN mkdir -p /odd/é && echo one > /odd/é/one && ln /odd/é/one /odd/two && ln -s two /odd/three && rm /gone && touch /odd/empty";

test(`of an image with a small change, only the layers that are needed are read, or an export (${store} store)`, async () => {
  const name = `reyns-test/delivered-odd-${process.pid}:1`;
  await buildImage(name, `RUN touch /gone\n${odd}\n`);
  try {
    const changed = await findImagesToSave(engine, [name]);
    const needed = new Set(changed.get(name)?.diffIds.slice(-1));
    const downloads: string[] = [];
    const download: Engine["download"] = (path, ...rest) => {
      downloads.push(path.split("?")[0] ?? "");
      return engine.download(path, ...rest);
    };
    const options = { needed, isForClassicOnly: true, onBytes: () => {}, signal };
    await using read = await packImages({ ...engine, download }, changed, options);
    // Only the classic store has its layers in folders that can be mounted.
    if (store === "classic") expect(downloads).not.toContain("/images/get");
    else expect(downloads).toEqual(["/images/get"]);
    const refusing: Engine = {
      ...engine,
      download,
      send: (request) =>
        request.path.startsWith("/containers/create")
          ? Promise.resolve(Response.json({ message: "no" }, { status: 403 }))
          : engine.send(request),
    };
    await using exported = await packImages(refusing, changed, options);
    expect(downloads).toContain("/images/get");
    const [top = ""] = needed;
    const digest = read.images[0]?.layers.find(({ diffId }) => diffId === top)?.digest ?? "";
    expect(sizeIn(read, digest)).toBeGreaterThan(0);
    expect(sizeIn(exported, digest)).toBe(sizeIn(read, digest) ?? 0);
    expect([...read.small.keys()]).toContain(changed.get(name)?.id ?? "");
    // An export of containerd's store has the manifest, and small layers under the digests of their compressed tars.
    if (store === "classic") expect(read.small.size).toBe(1);
    const containers = await must("docker", "ps", "-aq", "--filter", `ancestor=${name}`);
    expect(containers).toBe("");
  } finally {
    await removeIfPossible(`/images/${name}?force=true`);
  }
});

test("an image that breaks off on its way is not there, and is sent again", async () => {
  await forget();
  const broken = withLayers(packed, async (layer) => half(await layer.compressed(), signal));
  const there = await readNodeLayers(engine);
  const failure = await send(first, broken, there).catch((error: unknown) => error);
  expect(failure).toMatchObject({ message: "it broke off" });
  expect(await findStoredImage(engine, first)).toBeUndefined();
  expect(await send(first, packed, there)).toMatch(sentFirst);
});

/** The Engine is on this machine: it reaches its ports without ssh. */
const offerHere: OfferPort = async (port) => ({ port, [Symbol.asyncDispose]: async () => {} });

async function pull(from: PackedImages, given: Partial<Engine> = {}) {
  await using registry = openRegistry(from, signal);
  const image = from.images.find(({ names }) => names.includes(first));
  if (!image) throw new Error("no image");
  const node = { engine: { ...engine, offer: offerHere, ...given }, node: "two", name: first };
  const oci = ociImageOf(from, image, first);
  return await pullFromHere({ ...node, oci, registry, onNote: () => {}, signal });
}

test("an Engine pulls an image from here through a port that is open meanwhile", async () => {
  await forget();
  const events: string[] = [];
  const offer: OfferPort = async (port) => {
    events.push("opened");
    return { port, [Symbol.asyncDispose]: async () => void events.push("closed") };
  };
  const served = await pull(whole, { offer });
  expect(served.isAsked).toBe(true);
  expect(events).toEqual(["opened", "closed"]);
  expect((await findStoredImage(engine, first))?.id).toBe(images.get(first)?.id);
});

test("what killed commands have left is removed, and what others pull now is not", async () => {
  await using folder = await temporaryFolder();
  using other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const closed = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const ports = [other.port ?? 0, closed.port ?? 0];
  await closed.stop(true);
  const [kept, left] = ports.map((port) => `127.0.0.1:${port}/reyns/sent-${process.pid}:latest`);
  if (!kept || !left) throw new Error("no names");
  for (const name of [kept, left]) await must("docker", "tag", smallImage, name);
  await using forwards = createForwards(folder.path);
  const { forward } = forwards;
  try {
    await pull(whole, { forward });
    const names = await sentNames();
    expect(names).toContain(kept);
    expect(names).not.toContain(left);
  } finally {
    for (const name of [kept, left]) await removeIfPossible(`/images/${name}`);
  }
});

test("an image is sent whole only where the Engine does not reach this machine", async () => {
  await forget();
  const refusing = () => Promise.reject(new Error("sshd forwards no ports"));
  const nowhere: OfferPort = async () => ({ port: 1, [Symbol.asyncDispose]: async () => {} });
  for (const offer of [refusing, nowhere])
    expect(await pull(whole, { offer }).catch((error: unknown) => error)).toBeInstanceOf(
      UnreachedRegistry,
    );
  const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  const broken = withLayers(whole, () => Promise.reject(full));
  await using registry = openRegistry(broken, signal);
  const warnings: string[] = [];
  const failure = await sendImage({
    step: { kind: "send-image", image: first, from: "one", node: "two" } as SendImage,
    ...{ packed: broken, signal, registry: () => registry, onNote: () => {} },
    images: { ...(await readNodeLayers(engine)), store: "containerd" },
    engine: { ...engine, offer: offerHere },
    onWarning: (message) => warnings.push(message),
  }).catch((error: unknown) => error);
  expect(failure).toBe(full);
  expect(warnings).toEqual([]);
  expect(await findStoredImage(engine, first)).toBeUndefined();
});

// Open files are listed in /proc.
test.skipIf(process.platform !== "linux")(
  "the layers are given up after the last image, before the command ends",
  async () => {
    await send(first, whole, await readNodeLayers(engine));
    const before = await openLayers();
    const step = { kind: "send-image", image: first, from: "one", node: "two" } as SendImage;
    const sends = [step, { ...step, node: "three" }];
    await using delivery = createDelivery(sends, () => engine, signal);
    const listener = { onNote: () => {}, onWarning: () => {} };
    await delivery.send(sends[0] ?? step, listener);
    // A file with what was read and, where all is sent once more, one for each of the two large layers, compressed.
    expect(await openLayers()).toBe(before + (store === "classic" ? 1 : 3));
    await delivery.send(sends[1] ?? step, listener);
    expect(await openLayers()).toBe(before);
  },
);
