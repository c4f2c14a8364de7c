import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must, until } from "../../engine/support/images-container.ts";
import type { Node } from "./nodes.ts";
import { installation } from "./reyns.ts";

/** Lets nodes log in to each other without a question. */
export interface NodeLogins extends AsyncDisposable {
  /** The environment of a user whose ssh has the key. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts an sshd on each node, at port 22 of its address, which knows the node's Engine at the usual socket.
 *
 * @param folder of the keys, of the configuration, and of the user's `ssh`
 */
export async function startNodeSshd(nodes: readonly Node[], folder: string): Promise<NodeLogins> {
  const path = (name: string): string => join(folder, name);
  for (const key of ["host", "user"])
    await must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path(key));
  await mkdir("/run/sshd", { recursive: true });
  const servers = await Promise.all(nodes.map((node) => startOn(node, path)));
  await mkdir(path("bin"));
  const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"];
  const words = [...options, "BatchMode=yes", `IdentityFile=${path("user")}`];
  const script = `#!/bin/sh\nexec ${Bun.which("ssh")} ${words.map((word) => `-o ${word}`).join(" ")} "$@"\n`;
  await writeFile(path("bin/ssh"), script);
  await chmod(path("bin/ssh"), 0o755);
  const { PATH = "" } = (await installation()).env;
  return {
    env: { PATH: `${path("bin")}:${PATH}` },
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) server.kill();
      await Promise.all(servers.map(({ exited }) => exited));
    },
  };
}

/** A node on which every call has these variables, too. */
export function withEnvironment(node: Node, env: Readonly<Record<string, string>>): Node {
  return {
    ...node,
    reyns: (line, options) => node.reyns(line, { ...options, env: { ...env, ...options?.env } }),
    must: (line, options) => node.must(line, { ...options, env: { ...env, ...options?.env } }),
  };
}

async function startOn(
  { address, env, inside, share }: Node,
  path: (name: string) => string,
): Promise<Bun.Subprocess> {
  const config = path(`sshd_config.${address}`);
  const words = {
    ...{ Port: 22, ListenAddress: address, HostKey: path("host"), PidFile: "none" },
    ...{ AuthorizedKeysFile: path("user.pub"), StrictModes: "no", UsePAM: "no" },
    ...{ PermitRootLogin: "yes", MaxStartups: 100, SetEnv: `HOME=${path("")}` },
  };
  const lines = Object.entries(words).map(([name, value]) => `${name} ${value}\n`);
  await writeFile(config, lines.join(""));
  const socket = env["DOCKER_HOST"]?.replace("unix://", "") ?? "";
  // In a mount namespace of its own, log-ins find that Engine where every machine has it.
  const script = 'mount --bind "$0" /var/run/docker.sock && exec "$@"';
  const server = Bun.spawn([
    ...["setpriv", "--pdeathsig", "KILL", ...(share?.words ?? [])],
    ...["unshare", "--mount", "sh", "-c", script, socket],
    ...[...inside, Bun.which("sshd") ?? "", "-D", "-f", config, "-E", path(`log.${address}`)],
  ]);
  await until("sshd", () => accepts(inside, address));
  return server;
}

/** The address is one of the node's network alone. */
async function accepts(inside: readonly string[], address: string): Promise<boolean> {
  const script = `exec 3<>/dev/tcp/${address}/22`;
  const child = Bun.spawn([...inside, "bash", "-c", script], { stderr: "ignore" });
  return (await child.exited) === 0;
}
