import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { must, until } from "../../engine/support/images-container.ts";
import { freePort } from "./free-port.ts";
import { installation } from "./reyns.ts";

/** An sshd of its own on a high port of loopback, which a user's ssh knows as `far`. */
export interface SshServer extends AsyncDisposable {
  /** The environment of a user with that ssh. */
  readonly env: Readonly<Record<string, string>>;
  /** The same for a user whose ssh knows another host key. */
  readonly mistrusting: Readonly<Record<string, string>>;
  /** How many log-ins there were. */
  logins(): Promise<number>;
}

interface SshdOptions {
  /** Its log-ins find the Engine's socket only where a rootless one has it; needs the right to mount. */
  readonly isRootless?: boolean;
}

export async function startSshd({ isRootless = false }: SshdOptions = {}): Promise<SshServer> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-sshd-"));
  const path = (name: string): string => join(folder, name);
  for (const key of ["host", "user", "other"])
    await must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path(key));
  const port = await freePort();
  const words = {
    ...{ Port: port, ListenAddress: "127.0.0.1", HostKey: path("host"), PidFile: "none" },
    ...{ AuthorizedKeysFile: path("user.pub"), StrictModes: "no", UsePAM: "no" },
    // What a login does at this machine, and how long that takes, is nothing that is tested.
    SetEnv: `HOME=${folder}`,
  };
  const config = Object.entries(words).map(([name, value]) => `${name} ${value}\n`);
  await writeFile(path("sshd_config"), config.join(""));
  await mkdir("/run/sshd", { recursive: true });
  const log = path("log");
  const command = [Bun.which("sshd") ?? "", "-D", "-f", path("sshd_config"), "-E", log];
  const server = Bun.spawn(isRootless ? [...(await hidingSocket(folder)), ...command] : command);
  await until("sshd", () => accepts(port));
  const { PATH = "" } = (await installation()).env;
  return {
    env: { PATH: `${await clientKnowing(folder, "host", port)}:${PATH}` },
    mistrusting: { PATH: `${await clientKnowing(folder, "other", port)}:${PATH}` },
    logins: async () => (await readFile(log, "utf8")).split("Accepted publickey").length - 1,
    [Symbol.asyncDispose]: async () => {
      server.kill();
      await server.exited;
      await rm(folder, { recursive: true });
    },
  };
}

/** Words that move the Engine's socket to where a rootless one has it in this home, for what they begin. */
async function hidingSocket(home: string): Promise<string[]> {
  const [usual, rootless] = ["/var/run/docker.sock", join(home, ".docker/run/docker.sock")];
  await mkdir(dirname(rootless), { recursive: true });
  await writeFile(rootless, "");
  const script = 'mount --bind "$0" "$1" && mount --bind /dev/null "$0" && shift && exec "$@"';
  return ["unshare", "--mount", "sh", "-c", script, usual, rootless];
}

/** A folder with an `ssh` that reads a configuration of its own: ssh finds the user's without looking at HOME. */
async function clientKnowing(folder: string, key: string, port: number): Promise<string> {
  const path = (name: string): string => join(folder, `${key}-${name}`);
  const publicKey = await readFile(join(folder, `${key}.pub`), "utf8");
  await writeFile(path("known"), `[127.0.0.1]:${port} ${publicKey}`);
  const config = {
    ...{ HostName: "127.0.0.1", Port: port, User: "root", IdentityFile: join(folder, "user") },
    ...{ UserKnownHostsFile: path("known"), BatchMode: "yes" },
  };
  const lines = Object.entries(config).map(([name, value]) => `  ${name} ${value}\n`);
  await writeFile(path("config"), `Host far\n${lines.join("")}`);
  await mkdir(path("bin"));
  const script = join(path("bin"), "ssh");
  await writeFile(script, `#!/bin/sh\nexec ${Bun.which("ssh")} -F ${path("config")} "$@"\n`);
  await chmod(script, 0o755);
  return path("bin");
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
