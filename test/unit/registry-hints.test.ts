import { expect, test } from "bun:test";
import { registryHint } from "../../src/runtime/registry-hints.ts";

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
