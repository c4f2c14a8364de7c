import { expect, test } from "bun:test";
import { nameHint, pushHint, registryHint } from "../../src/runtime/registry-hints.ts";

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

test("a registry that is out of reach asks for no login", () => {
  expect(pushHint(image, "dial tcp: lookup images.example: no such host")).toBe(
    "the Engine does not reach images.example:5000: correct the name of the registry, or its machine's network",
  );
  expect(pushHint(image, "no basic auth credentials")).toBe(
    "log in with: docker login images.example:5000; reyns uses the same credentials",
  );
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
  ["postgres:17", "the image of that name on this Engine stays, and can be run"],
  ["Debian:Bookworm", 'the name of an image has no capitals before its tag: "debian:Bookworm"'],
])("the hint for the image %s, which cannot be pulled, does not say %s", (name, expected) => {
  expect(nameHint(name, ["debian:bookworm-slim", "postgres:17"])).toStartWith(expected);
});
