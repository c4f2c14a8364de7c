import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder, until } from "../../engine/support/images-container.ts";
import { makeCertificates } from "./certificates.ts";
import { freePort } from "./free-port.ts";

/** A registry of Debian's package docker-registry, on a port of this machine. */
export interface TestRegistry extends AsyncDisposable {
  /** `ADDRESS:PORT`; to those of 127.0.0.1 the Engine speaks without TLS. */
  readonly address: string;
  /** File of the authority that has signed its certificate; undefined without TLS. */
  readonly authority: string | undefined;
}

interface RegistrySettings {
  /** User and password, if it asks for them. */
  readonly login?: readonly [string, string];
  /** Makes it speak TLS alone, at this address of the machine. An Engine does without at those of 127.0.0.0/8. */
  readonly secureAt?: string;
}

export async function startRegistry({
  login,
  secureAt,
}: RegistrySettings = {}): Promise<TestRegistry> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const address = `${secureAt ?? "127.0.0.1"}:${port}`;
  const auth = login === undefined ? "" : await passwordFile(folder.path, login);
  const tls = secureAt === undefined ? undefined : await makeCertificates(folder.path, [secureAt]);
  const files = tls && `{ certificate: ${tls.server}/cert.pem, key: ${tls.server}/key.pem }`;
  const config = join(folder.path, "config.yml");
  await mkdir(join(folder.path, "data"));
  await Bun.write(
    config,
    `version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: ${join(folder.path, "data")} } }
http: { addr: "${address}"${files ? `, tls: ${files}` : ""} }
${auth}`,
  );
  const child = Bun.spawn(["docker-registry", "serve", config], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const answers = (): Promise<boolean> =>
    fetch(`${tls ? "https" : "http"}://${address}/v2/`, {
      tls: { rejectUnauthorized: false },
    }).then(
      () => true,
      () => false,
    );
  await until("the registry", answers);
  return {
    address,
    authority: tls && join(tls.server, "ca.pem"),
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await child.exited;
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function passwordFile(
  folder: string,
  [user, password]: readonly [string, string],
): Promise<string> {
  const path = join(folder, "htpasswd");
  const hash = await Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 });
  await Bun.write(path, `${user}:${hash}\n`);
  return `auth: { htpasswd: { realm: test, path: ${path} } }\n`;
}
