import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../../engine/support/images-container.ts";

/**
 * Makes an authority and the certificates of an Engine and of whoever may talk to it, in `server/` and `client/`, with the
 * names that Docker gives such files.
 *
 * @param addresses IPv4 addresses at which the Engine listens
 */
export async function makeCertificates(
  folder: string,
  addresses: readonly string[],
): Promise<{ readonly server: string; readonly client: string }> {
  const path = (name: string): string => join(folder, name);
  await mkdir(folder, { recursive: true });
  const [ca, caKey] = [path("ca.pem"), path("ca-key.pem")];
  const newKey = ["-newkey", "rsa:2048", "-nodes"];
  await must(
    ...["openssl", "req", "-x509", ...newKey, "-subj", "/CN=reyns-test", "-days", "2"],
    ...["-keyout", caKey, "-out", ca],
  );
  const names = addresses.map((address) => `IP:${address}`).join(",");
  const extensions = `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`;
  await writeFile(path("extensions"), extensions);
  for (const side of ["server", "client"]) {
    const own = (name: string): string => path(`${side}/${name}.pem`);
    await mkdir(path(side));
    const request = ["-keyout", own("key"), "-out", path(`${side}.csr`)];
    await must("openssl", "req", ...newKey, "-subj", `/CN=${side}`, ...request);
    await must(
      ...["openssl", "x509", "-req", "-in", path(`${side}.csr`), "-CA", ca, "-CAkey", caKey],
      ...["-CAcreateserial", "-days", "2", "-extfile", path("extensions"), "-out", own("cert")],
    );
    await must("cp", ca, own("ca"));
  }
  return { server: path("server"), client: path("client") };
}
