import { expect, test } from "bun:test";
import { parseCopyAddress } from "../../src/cli/args/copy-address.ts";
import { thrownBy } from "./support/project-folder.ts";

test.each([
  ["web:/etc/hosts", { kind: "instance", service: "web", instance: undefined, path: "/etc/hosts" }],
  ["web/two:etc", { kind: "instance", service: "web", instance: "two", path: "etc" }],
  ["we*:/a:b", { kind: "instance", service: "we*", instance: undefined, path: "/a:b" }],
  ["-", { kind: "stream" }],
  ["file", { kind: "local", path: "file" }],
  ["./web:/etc", { kind: "local", path: "./web:/etc" }],
  ["/a:b", { kind: "local", path: "/a:b" }],
  ["../a:b", { kind: "local", path: "../a:b" }],
  ["a/b/c:d", { kind: "local", path: "a/b/c:d" }],
])("%s", (text, address) => {
  expect(parseCopyAddress(text)).toEqual(address as ReturnType<typeof parseCopyAddress>);
});

test("an address without a path is no address", () => {
  expect(thrownBy(() => parseCopyAddress("web:"))).toMatchObject([
    { code: "INVALID_VALUE", hint: "for example: web:/etc/hostname" },
  ]);
});
