import { expect, test } from "bun:test";
import { Readable } from "node:stream";
import { pack, type Header } from "tar-stream";
import { readFirstFile } from "../../src/lib/tar-first-file.ts";

function archiveOf(header: Partial<Header>, content = ""): Readable {
  const archive = pack();
  archive.entry({ name: "PW", size: Buffer.byteLength(content), ...header }, content);
  archive.finalize();
  return Readable.from(archive);
}

test("a regular file up to the limit is read", async () => {
  const read = await readFirstFile(archiveOf({}, "hidden\n"), 7);
  expect(read?.toString()).toBe("hidden\n");
});

test.each<Partial<Header>>([
  { type: "symlink", linkname: "/etc/passwd" },
  { type: "link", linkname: "OTHER" },
  { type: "fifo" },
  { type: "directory" },
  { type: "character-device" },
])("an entry that is no regular file is left alone: %j", async (header) => {
  expect(await readFirstFile(archiveOf(header), 100)).toBeUndefined();
});

test("a larger file is not read to its end", async () => {
  expect(await readFirstFile(archiveOf({}, "12345678"), 7)).toBeUndefined();
  let chunks = 0;
  const header = pack();
  header.entry({ name: "PW", size: 2 ** 31 });
  const iterator = header[Symbol.asyncIterator]();
  const { value: start } = (await iterator.next()) as { value: Buffer };
  const endless = Readable.from(
    (function* () {
      yield start;
      for (; chunks < 10_000; chunks += 1) yield Buffer.alloc(65_536);
    })(),
  );
  expect(await readFirstFile(endless, 1024 * 1024)).toBeUndefined();
  expect(chunks).toBeLessThan(100);
});

test("an empty archive has no file", async () => {
  const archive = pack();
  archive.finalize();
  expect(await readFirstFile(Readable.from(archive), 100)).toBeUndefined();
});
