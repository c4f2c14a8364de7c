/** What to do about an Engine that does not get through to the registry of an image; undefined for any other error. */
export function registryHint(image: string, message: string): string | undefined {
  const host = image.split("/")[0] ?? "";
  if (/x509: certificate signed by unknown authority/.test(message))
    return `its authority is unknown to the Engine: put its certificate at /etc/docker/certs.d/${host}/ca.crt on the Engine's machine`;
  if (/\bx509: /.test(message))
    return `the Engine does not accept the registry's certificate: correct it, or call ${host} by a name in it`;
  if (message.includes("server gave HTTP response to HTTPS client"))
    return `the registry has no TLS: give it a certificate, or name ${host} in "insecure-registries" of the Engine's daemon.json`;
  return undefined;
}
