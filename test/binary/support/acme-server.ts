import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  must,
  run,
  startContainer,
  until,
  type Container,
} from "../../engine/support/images-container.ts";

const host = "acme.internal";

/** Where clients in the server's network find it. */
export const acmeDirectory = `https://${host}/acme/local/directory`;

/** An authority of the test, in a folder: `root.crt` and `root.key`. */
export async function makeAcmeRoot(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await must(
    ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    ...["-nodes", "-keyout", join(folder, "root.key"), "-out", join(folder, "root.crt")],
    ...["-subj", "/O=Test authority/CN=Test root", "-days", "2"],
    ...["-addext", "basicConstraints=critical,CA:TRUE"],
  );
}

const signing = `[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = names
x509_extensions = leaf
[names]
commonName = optional
[leaf]
subjectAltName = DNS:HOST
extendedKeyUsage = serverAuth
`;

/**
 * Makes `old.crt` and `old.key` in the folder of an authority: a certificate of which less than a third of its time is
 * left.
 */
export async function makeOldCertificate(folder: string, name: string): Promise<void> {
  const at = (minutes: number): string =>
    new Date(Date.now() + minutes * 60_000).toISOString().replace(/[-:T]|\.\d+/g, "");
  await writeFile(join(folder, "ca.cnf"), signing.replace("HOST", name));
  await writeFile(join(folder, "index.txt"), "");
  const inFolder = (...words: string[]): Promise<string> =>
    must("env", "--chdir", folder, "openssl", ...words);
  await inFolder(
    ...["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
    ...["-keyout", "old.key", "-out", "old.csr", "-subj", `/CN=${name}`],
  );
  await inFolder(
    ...[
      "ca",
      "-batch",
      "-notext",
      "-config",
      "ca.cnf",
      "-cert",
      "root.crt",
      "-keyfile",
      "root.key",
    ],
    ...["-in", "old.csr", "-out", "old.crt", "-startdate", at(-180), "-enddate", at(30)],
  );
}

export interface AcmeServer extends AsyncDisposable {
  /** How many certificates it has been asked for. */
  countOrders(): Promise<number>;
}

/**
 * Starts an ACME server (RFC 8555), which is Caddy's. It issues certificates to whoever answers for their host in this
 * network, by http-01 or tls-alpn-01.
 *
 * @param folder with the authority that `makeAcmeRoot` has made
 */
export async function startAcmeServer(folder: string, network: string): Promise<AcmeServer> {
  await writeFile(join(folder, "caddy.json"), JSON.stringify(config));
  const container = await startContainer("reyns/reyns-router", {
    network,
    entrypoint: "caddy",
    command: ["run", "--config", "/acme/caddy.json"],
    mounts: { [folder]: "/acme" },
    flags: ["--network-alias", host, "--user", "root"],
  });
  await untilItAnswers(container);
  return {
    countOrders: () => countOrders(container),
    [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
  };
}

/** It has its own certificate: a client that comes earlier would try again after a minute only. */
async function untilItAnswers(container: Container): Promise<void> {
  const words = ["s_client", "-connect", "127.0.0.1:443", "-servername", host];
  const trust = ["-CAfile", "/acme/root.crt", "-verify_return_error", "-brief"];
  await until("the ACME server", async () => {
    const call = ["docker", "exec", container.id, "openssl", ...words, ...trust];
    return (await run(call)).status === 0;
  });
}

const config = {
  admin: { disabled: true },
  storage: { module: "file_system", root: "/tmp/caddy" },
  apps: {
    pki: {
      certificate_authorities: {
        local: {
          install_trust: false,
          intermediate_common_name: "Test authority",
          root: { certificate: "/acme/root.crt", private_key: "/acme/root.key" },
        },
      },
    },
    tls: { automation: { policies: [{ subjects: [host], issuers: [{ module: "internal" }] }] } },
    http: {
      servers: {
        acme: {
          listen: [":443"],
          automatic_https: { disable_redirects: true },
          logs: {},
          routes: [
            { match: [{ host: [host] }], handle: [{ handler: "acme_server", ca: "local" }] },
          ],
        },
      },
    },
  },
};

async function countOrders(container: Container): Promise<number> {
  return (await container.logs()).split('"uri":"/acme/local/new-order"').length - 1;
}
