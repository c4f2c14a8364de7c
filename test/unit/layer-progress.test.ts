import { expect, test } from "bun:test";
import { createLayerProgress } from "../../src/docker/images/layer-progress.ts";
import type { ProgressMessage } from "../../src/docker/images/messages.ts";

function read(...messages: readonly ProgressMessage[]): {
  lines: (string | undefined)[];
  bytes: number;
} {
  const layers = createLayerProgress();
  return { lines: messages.map(layers.read), bytes: layers.bytes() };
}

function layer(id: string, status: string, current?: number, total?: number): ProgressMessage {
  const known = current !== undefined && total !== undefined;
  return { id, status, ...(known ? { progressDetail: { current, total } } : {}) };
}

test("a pull is one line on all layers, which counts bytes until each is complete", () => {
  const { lines, bytes } = read(
    { id: "17", status: "Pulling from library/postgres" },
    layer("a", "Already exists"),
    layer("b", "Pulling fs layer"),
    layer("b", "Downloading", 5_000_000, 20_000_000),
    layer("c", "Downloading", 1_000_000, 1_000_000),
    layer("b", "Download complete"),
    layer("b", "Extracting", 1, 20_000_000),
    layer("b", "Pull complete"),
    { status: "Status: Downloaded newer image for postgres:17" },
  );
  expect(lines).toEqual([
    undefined,
    "1 of 1 layers",
    "1 of 2 layers",
    "5.0 MB of 20.0 MB, 1 of 2 layers",
    "6.0 MB of 21.0 MB, 1 of 3 layers",
    "21.0 MB of 21.0 MB, 1 of 3 layers",
    "21.0 MB of 21.0 MB, 1 of 3 layers",
    "21.0 MB of 21.0 MB, 2 of 3 layers",
    undefined,
  ]);
  expect(bytes).toBe(21_000_000);
});

test("a push counts what is sent, and no layer that the registry has", () => {
  const { lines, bytes } = read(
    layer("a", "Preparing"),
    layer("b", "Layer already exists"),
    // It can be larger than it was said to be.
    layer("a", "Pushing", 700, 512),
    layer("a", "Pushed"),
    layer("c", "Mounted from shop/base"),
  );
  expect(lines.at(2)).toBe("700 B of 700 B, 1 of 2 layers");
  expect(lines.at(-1)).toBe("700 B of 700 B, 3 of 3 layers");
  expect(bytes).toBe(700);
});
