import { randomBytes } from "node:crypto";
import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Container,
  type ContainerOptions,
  imageName,
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
  /** Words of an ssh-like command that logs in with the project's key. */
  client(program: "ssh" | "scp" | "sftp"): string[];
}

const strangeUser = "4242:4242";

/** A project's keys as the product makes them. */
export async function makeKeys(): Promise<Keys> {
  const { path: folder, [Symbol.asyncDispose]: dispose } = await temporaryFolder();
  for (const name of ["id_ed25519", "ssh_host_ed25519_key"]) {
    await must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(folder, name));
  }
  const secret = randomBytes(32).toString("base64");
  await Bun.write(
    join(folder, "tsig.key"),
    `key "reyns" { algorithm hmac-sha256; secret "${secret}"; };\n`,
  );

  const { path: own, [Symbol.asyncDispose]: disposeOwn } = await temporaryFolder();
  const identity = join(own, "id_ed25519");
  await copyFile(join(folder, "id_ed25519"), identity);
  await chmod(identity, 0o600);
  await must("chmod", "-R", "u=rwX,go=", folder);
  if (process.getuid?.() === 0) await must("chown", "-R", strangeUser, folder);
  return {
    folder,
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
  ["ConnectTimeout", "5"],
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
