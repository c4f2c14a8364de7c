import { randomBytes } from "node:crypto";
import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { imageName } from "./base-images.ts";
import {
  type Container,
  type ContainerOptions,
  must,
  type Output,
  run,
  startContainer,
  temporaryFolder,
  until,
} from "./images-container.ts";

export interface Keys extends AsyncDisposable {
  /** What the host mounts at /etc/reyns/keys; the files belong to a user that no container knows. */
  readonly folder: string;
  /** Mounts of a host key that is certified for these names, by OpenSSH itself. */
  hostKey(...names: string[]): Promise<Readonly<Record<string, string>>>;
  /** Words of an ssh-like command that logs in with the project's key. */
  client(program: "ssh" | "scp" | "sftp"): string[];
}

const strangeUser = "4242:4242";
const hostKeyPath = "/etc/ssh/ssh_host_ed25519_key";
const newKey = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f"];

/** A project's keys as the product makes them. */
export async function makeKeys(): Promise<Keys> {
  const { path: folder, [Symbol.asyncDispose]: dispose } = await temporaryFolder();
  const { path: own, [Symbol.asyncDispose]: disposeOwn } = await temporaryFolder();
  const [user, authority] = [join(folder, "id_ed25519"), join(own, "authority")];
  for (const file of [user, authority]) await must(...newKey, file);
  await Bun.write(
    join(folder, "known_hosts"),
    `@cert-authority * ${await Bun.file(`${authority}.pub`).text()}`,
  );
  const secret = randomBytes(32).toString("base64");
  await Bun.write(
    join(folder, "tsig.key"),
    `key "reyns" { algorithm hmac-sha256; secret "${secret}"; };\n`,
  );

  const identity = join(own, "id_ed25519");
  await copyFile(join(folder, "id_ed25519"), identity);
  await chmod(identity, 0o600);
  await must("chmod", "-R", "u=rwX,go=", folder);
  if (process.getuid?.() === 0) await must("chown", "-R", strangeUser, folder);
  return {
    folder,
    hostKey: async (...names) => {
      const file = join(own, names.join());
      await must(...newKey, file);
      await must("ssh-keygen", "-q", "-s", authority, "-h", "-I", "x", "-n", names.join(), file);
      return { [file]: hostKeyPath, [`${file}-cert.pub`]: `${hostKeyPath}-cert.pub` };
    },
    client: (program) => [program, "-q", "-i", identity, ...clientOptions],
    [Symbol.asyncDispose]: async () => {
      await dispose();
      await disposeOwn();
    },
  };
}

const clientOptions = [
  ["BatchMode", "yes"],
  ["IdentitiesOnly", "yes"],
  ["StrictHostKeyChecking", "no"],
  ["UserKnownHostsFile", "/dev/null"],
  ["ConnectTimeout", "30"],
].flatMap(([name, value]) => ["-o", `${name}=${value}`]);

/** Runs a command in a container through sshd. */
export function login(
  keys: Keys,
  container: Container,
  command: string,
  user = "reyns",
): Promise<Output> {
  return run([...keys.client("ssh"), `${user}@${container.address}`, command]);
}

/** Starts reyns-common with its own seed command and resolves when sshd lets the project's key in. */
export async function startService(keys: Keys, options: ContainerOptions = {}): Promise<Container> {
  const mounts = { [keys.folder]: "/etc/reyns/keys", ...options.mounts };
  const container = await startContainer(imageName("common"), { ...options, mounts });
  await until("a login", async () => (await login(keys, container, "true")).status === 0);
  return container;
}

/** Entries of an environment as `env -0` prints them. */
export function entriesOf(text: string): Map<string, string> {
  const entries = text.split("\0").filter(Boolean);
  return new Map(
    entries.map((entry) => [
      entry.slice(0, entry.indexOf("=")),
      entry.slice(entry.indexOf("=") + 1),
    ]),
  );
}
