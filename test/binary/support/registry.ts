import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder, until } from "../../engine/support/images-container.ts";

/** A registry of Debian's package docker-registry, on a port of this machine. */
export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, to which the Engine speaks without TLS. */
  readonly address: string;
}

/** @param login user and password, if it asks for them */
export async function startRegistry(login?: readonly [string, string]): Promise<TestRegistry> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const auth = login === undefined ? "" : await passwordFile(folder.path, login);
  const config = join(folder.path, "config.yml");
  await mkdir(join(folder.path, "data"));
  await Bun.write(
    config,
    `version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: ${join(folder.path, "data")} } }
http: { addr: "${address}" }
${auth}`,
  );
  const child = Bun.spawn(["docker-registry", "serve", config], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const answers = (): Promise<boolean> =>
    fetch(`http://${address}/v2/`).then(
      () => true,
      () => false,
    );
  await until("the registry", answers);
  return {
    address,
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

async function freePort(): Promise<number> {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port } = server;
  await server.stop(true);
  return port ?? 0;
}
