import { nearest } from "../lib/suggest.ts";

const dockerHub = "docker.io";

/**
 * The registry in an image's name: a first part that could be the name of a host.
 *
 * @see https://github.com/distribution/reference
 */
function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : dockerHub;
}

/** What to do about an image that cannot be pushed. */
export function pushHint(image: string, message: string): string {
  const host = registryOf(image);
  return (
    registryHint(image, message) ??
    (/\bdial tcp\b/.test(message)
      ? `the Engine does not reach ${host}: correct the name of the registry, or its machine's network`
      : `log in with: docker login ${host}; reyns uses the same credentials`)
  );
}

/** What to do about an Engine that does not get through to the registry of an image; undefined for any other error. */
export function registryHint(image: string, message: string): string | undefined {
  const host = registryOf(image);
  if (/x509: certificate signed by unknown authority/.test(message))
    return host === dockerHub
      ? "the Engine does not trust the certificate of Docker Hub: if a proxy inspects TLS, add the proxy's root certificate to the system store of the Engine's machine, and restart the Engine"
      : `the Engine does not trust the registry's certificate authority: put its root certificate at /etc/docker/certs.d/${host}/ca.crt on the Engine's machine`;
  if (/\bx509: /.test(message))
    return `the Engine does not accept the registry's certificate: correct it, or call ${host} by a name in it`;
  if (message.includes("server gave HTTP response to HTTPS client"))
    return `the registry has no TLS: give it a certificate, or name ${host} in "insecure-registries" of the Engine's daemon.json`;
  return undefined;
}

/**
 * What may be wrong with the name of an image that cannot be pulled.
 *
 * @param known the names of those on the Engine
 */
export function nameHint(image: string, known: readonly string[]): string {
  if (known.includes(image)) return "the image of that name on this Engine stays, and can be run";
  const [, path = "", tag = ""] = /^(.*?)(:[^/]*)?$/.exec(image) ?? [];
  const small = `${path.toLowerCase()}${tag}`;
  if (small !== image && !image.includes("@"))
    return `the name of an image has no capitals before its tag: "${small}"`;
  const similar = nearest(image, known);
  const bring = `bring it here with docker pull ${image}, or with docker load`;
  return similar === undefined
    ? `check its name, or ${bring}`
    : `did you mean "${similar}", which is on this Engine? If the name is right, ${bring}`;
}
