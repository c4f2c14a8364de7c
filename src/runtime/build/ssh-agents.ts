import { existsSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inside, ReynsError } from "../../errors.ts";
import type { Environment } from "../../lib/environment.ts";
import type { BuildImage } from "../../model/build-image.ts";

/** The ssh agents of a build; those that were started for it end when it is disposed of. */
export interface SshAgents extends AsyncDisposable {
  /** Id -> socket. */
  readonly sockets: ReadonlyMap<string, string>;
}

/**
 * Finds the agents that a build names: the caller's own, a socket, or a key file, for which an agent is started.
 *
 * @throws ReynsError MISSING_VARIABLE, MISSING_TOOL, FILE_REFUSED
 */
export async function openAgents(
  { image, ssh = {}, at }: BuildImage,
  env: Environment,
): Promise<SshAgents> {
  const sockets = new Map<string, string>();
  const started = new AsyncDisposableStack();
  const place = at && inside(at, "build", "ssh");
  try {
    for (const [id, path] of Object.entries(ssh)) {
      const source = path === null ? callersAgent(image, env, place) : path;
      sockets.set(id, isSocket(source) ? source : await startAgent(source, started, place));
    }
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
  return { sockets, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

function callersAgent(image: string, env: Environment, at: ReynsError["at"]): string {
  const socket = env["SSH_AUTH_SOCK"];
  if (socket && existsSync(socket)) return socket;
  const reason = socket ? "SSH_AUTH_SOCK leads nowhere" : "SSH_AUTH_SOCK is not set";
  throw new ReynsError("MISSING_VARIABLE", `${image} needs an ssh agent, but ${reason}`, {
    hint: 'start one: eval "$(ssh-agent)" && ssh-add; or name a key: ssh: ["default=~/.ssh/id_ed25519"]',
    at,
  });
}

function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}

/** Ends with its input, and so with this process. */
const script = 'ssh-agent -D -a "$0" >/dev/null & cat >/dev/null; kill $!';

async function startAgent(
  key: string,
  started: AsyncDisposableStack,
  at: ReynsError["at"],
): Promise<string> {
  const missing = ["ssh-agent", "ssh-add"].find((tool) => Bun.which(tool) === null);
  if (missing !== undefined)
    throw new ReynsError("MISSING_TOOL", `${missing} is not on the PATH`, {
      hint: "install OpenSSH's client (Debian, Ubuntu: sudo apt-get install openssh-client)",
      at,
    });
  const folder = await mkdtemp(join(tmpdir(), "reyns-agent-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const socket = join(folder, "agent.sock");
  const agent = Bun.spawn(["sh", "-c", script, socket], { stdin: "pipe", stderr: "ignore" });
  started.defer(async () => {
    await agent.stdin.end();
    await agent.exited;
  });
  while (!existsSync(socket) && agent.exitCode === null) await Bun.sleep(5);
  await addKey(key, socket, at);
  return socket;
}

/** Without a prompt: a key with a passphrase is refused. */
async function addKey(key: string, socket: string, at: ReynsError["at"]): Promise<void> {
  const env = {
    ...process.env,
    ...{ SSH_AUTH_SOCK: socket, SSH_ASKPASS: "false", SSH_ASKPASS_REQUIRE: "force" },
  };
  const adding = Bun.spawn(["ssh-add", "-q", key], { stdin: "ignore", stderr: "pipe", env });
  const [output, status] = await Promise.all([adding.stderr.text(), adding.exited]);
  if (status === 0) return;
  throw new ReynsError("FILE_REFUSED", `the ssh key ${key} cannot be used`, {
    hint: 'a key with a passphrase has to be in an agent: ssh-add, and ssh: ["default"]',
    output: output.trimEnd().split("\n"),
    at,
  });
}
