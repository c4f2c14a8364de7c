import { expect, test } from "bun:test";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readExactly } from "../../src/lib/read-exactly.ts";

test("what a file has lost since it was looked at is read as zeros", async () => {
  const folder = await mkdtemp(join(tmpdir(), "reyns-read-"));
  const size = 3 * 1024 ** 2 + 5;
  try {
    const path = join(folder, "log");
    await Bun.write(path, "left");
    await using handle = await open(path);
    const read = Buffer.concat(await Array.fromAsync(readExactly(handle, size)));
    expect(read.length).toBe(size);
    expect(read.toString("latin1", 0, 4)).toBe("left");
    expect(read.subarray(4).every((byte) => byte === 0)).toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
});
