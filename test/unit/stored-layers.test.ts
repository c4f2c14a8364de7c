import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import type { Engine } from "../../src/docker/client/engine.ts";
import type { EngineFeatures } from "../../src/docker/client/api-version.ts";
import { sha256Hex } from "../../src/lib/sha256.ts";
import { tarBlock, tarFileHeader, tarPadding } from "../../src/lib/tar-header.ts";
import { createBlobFile } from "../../src/runtime/delivery/blob-file.ts";
import { readNeededLayers } from "../../src/runtime/delivery/stored-layers.ts";

const { signal } = new AbortController();

/** A layer with one file. */
function layerWith(letter: string, size: number) {
  const content = Buffer.from(letter.repeat(size));
  const [header, rest] = [tarFileHeader("file", size), Buffer.alloc(tarPadding(size))];
  const tar = Buffer.concat([header, content, rest]);
  const pieces = [
    { type: 2, payload: header.toString("base64") },
    { type: 1, name: "file", size },
    { type: 2, payload: rest.toString("base64") },
  ];
  const record = gzipSync(pieces.map((piece) => JSON.stringify(piece)).join("\n"));
  return { diffId: `sha256:${sha256Hex(tar)}`, size: tar.length, content, record };
}

const base = layerWith("a", 100);
const layers = [layerWith("b", 200_000), layerWith("c", 300_000)];
const config = Buffer.from("{}");
const image = {
  id: `sha256:${sha256Hex(config)}`,
  size: 1,
  diffIds: [base, ...layers].map(({ diffId }) => diffId),
  labels: {},
  layerFolders: ["a", "b", "c"].map((name) => `/var/lib/docker/overlay2/${name}/diff`),
};

function tarOf(name: string, content: Buffer): Buffer[] {
  const end = Buffer.alloc(tarPadding(content.length) + 2 * tarBlock);
  const half = Math.ceil(content.length / 2);
  const halves = [content.subarray(0, half), content.subarray(half)];
  return [tarFileHeader(name, content.length), ...halves, end];
}

const files: Readonly<Record<string, Buffer[]>> = {
  "/reyns/config0": tarOf("config0", config),
  ...Object.fromEntries(
    layers.flatMap(({ content, record }, index) => [
      [`/reyns/${index}/files`, tarOf("files/file", content)],
      [`/reyns/${index}/record/tar-split.json.gz`, tarOf("tar-split.json.gz", record)],
    ]),
  ),
};

/** With Docker's own store, and a container that has the folders of the layers. */
const engine = {
  timeout: { milliseconds: 60_000, probe: () => Promise.resolve() },
  features: () => Promise.resolve({ isPodman: false } as EngineFeatures),
  send: ({ method }) => Promise.resolve(Response.json(method === "POST" ? { Id: "reader" } : {})),
  download: async function* (path) {
    const parameters = new URL(path, "http://engine").searchParams;
    yield* await Promise.resolve(files[parameters.get("path") ?? ""] ?? []);
  },
} as Partial<Engine> as Engine;

async function read(isForClassicOnly: boolean, onBytes: (bytes: number) => void = () => {}) {
  await using blobs = await createBlobFile(signal);
  const needed = new Set(layers.map(({ diffId }) => diffId));
  const images = new Map([["shop/web:latest", image]]);
  const options = { needed, blobs, isForClassicOnly, onBytes, signal };
  return await readNeededLayers(engine, images, options);
}

test("layers that were read have their sizes, and the notices count the bytes of all of them", async () => {
  const notices: number[] = [];
  const found = await read(true, (bytes) => void notices.push(bytes));
  const sizes = found?.images[0]?.layers.map(({ size }) => size);
  expect(sizes?.slice(1)).toEqual(layers.map(({ size }) => size));
  expect(notices.length).toBeGreaterThan(layers.length);
  expect(notices).toEqual(notices.toSorted((one, other) => one - other));
  expect(notices.at(-1)).toBe(500_000);
});

test("for another store than Docker's own, an export is read, which has the sizes of all layers", async () => {
  expect(await read(false)).toBeUndefined();
});
