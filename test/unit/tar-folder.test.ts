import { expect, test } from "bun:test";
import { Readable } from "node:stream";
import { extract, pack, type Header } from "tar-stream";
import { extractSubfolder } from "../../src/lib/tar-subfolder.ts";

const long = `log/${"x".repeat(120)}/${"y".repeat(120)}`;

const everything: readonly Partial<Header>[] = [
  { name: "etc/passwd", type: "file" },
  { name: "var/log/", type: "directory", uid: 33, gid: 44, mode: 0o750 },
  { name: "var/log/a", type: "file", uid: 65_527, mode: 0o4755 },
  { name: "var/log/b", type: "link", linkname: "var/log/a" },
  { name: "var/log/c", type: "symlink", linkname: "../a" },
  { name: `var/${long}`, type: "file", pax: { "SCHILY.xattr.user.k": "v" } },
  { name: "var/logs/d", type: "file" },
];

test("a folder out of a tar of everything: names from there, owners, modes, links", async () => {
  const whole = pack();
  for (const header of everything)
    whole.entry(header as Header, header.type === "file" ? `in ${header.name}` : "");
  whole.finalize();
  const bytes = Readable.from(whole as AsyncIterable<Uint8Array>);
  const found: unknown[][] = [];
  const reader = extract();
  Readable.from(extractSubfolder(bytes, "/var/log")).pipe(reader);
  for await (const source of reader) {
    const content = Buffer.concat(await Array.fromAsync(source as AsyncIterable<Uint8Array>));
    const { name, uid, gid, mode, linkname, pax } = source.header;
    found.push([name, uid, gid, mode, linkname, Object.keys(pax ?? {}).join(), content.toString()]);
  }
  expect(found).toEqual([
    [".", 33, 44, 0o750, null, "", ""],
    ["a", 65_527, 0, 0o4755, null, "", "in var/log/a"],
    ["b", 0, 0, 0o644, "a", "", ""],
    ["c", 0, 0, 0o644, "../a", "", ""],
    [long.slice(4), 0, 0, 0o644, null, "path,SCHILY.xattr.user.k", `in var/${long}`],
  ]);
});
