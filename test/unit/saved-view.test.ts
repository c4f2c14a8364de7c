import { expect, test } from "bun:test";
import { formatSaved } from "../../src/ui/views/saved.ts";

test("load check=true aligns the ids of images, and tells the time as other commands do", () => {
  const images = [
    { names: ["shop/web:latest"], id: "sha256:1", layers: [] },
    { names: ["db:1"], id: "sha256:2", layers: [] },
  ];
  const rest = { project: "shop", conf: "default", savedAt: "2026-11-29T09:00:00.123Z" };
  const index = { ...rest, images, blobs: [], files: [], filesOfBase: [], receipts: [] };
  const lines = formatSaved(index as unknown as Parameters<typeof formatSaved>[0], 10).split("\n");
  expect(lines).toContain("image      shop/web:latest  sha256:1");
  expect(lines).toContain("image      db:1             sha256:2");
  expect(lines).toContain("saved      2026-11-29T09:00:00Z");
});
