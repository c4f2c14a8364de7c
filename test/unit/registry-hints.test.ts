import { expect, test } from "bun:test";
import { nameHint, registryHint } from "../../src/runtime/registry-hints.ts";

const image = "images.example:5000/shop/web:1";

test("a registry that the Engine cannot talk to is an error that says what to do about it", () => {
  const hint = (reason: string) =>
    registryHint(image, `Get "https://images.example:5000/v2/": ${reason}`);
  expect(hint("tls: failed to verify certificate: x509: certificate signed by unknown authority"))
    .toBe(`the Engine does not trust the registry's certificate authority: put its root certificate at \
/etc/docker/certs.d/images.example:5000/ca.crt on the Engine's machine`);
  expect(hint("x509: certificate has expired or is not yet valid")).toContain("correct it");
  expect(hint("http: server gave HTTP response to HTTPS client")).toContain("insecure-registries");
  expect(hint("unauthorized: authentication required")).toBeUndefined();
});

test("an image without a registry in its name comes from Docker Hub", () => {
  for (const name of ["postgres:17", "acme/web"])
    expect(registryHint(name, "x509: certificate signed by unknown authority")).toContain(
      "certificate of Docker Hub",
    );
});

test.each([
  ["debian:bookworm-slimm", 'did you mean "debian:bookworm-slim", which is on this Engine?'],
  [
    "acme/web:2",
    "check its name, or bring it here with docker pull acme/web:2, or with docker load",
  ],
  ["Debian:Bookworm", 'the name of an image has no capitals before its tag: "debian:Bookworm"'],
])("the hint for the image %s, which cannot be pulled, does not say %s", (name, expected) => {
  expect(nameHint(name, ["debian:bookworm-slim", "postgres:17"])).toStartWith(expected);
});
