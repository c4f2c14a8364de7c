import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { messageOf, ReynsError } from "../../errors.ts";
import {
  controlPath,
  createForward,
  createOffer,
  sshWords,
  type SshEndpoint,
  type SshOptions,
} from "./ssh-forward.ts";
import type { HostAddress } from "../../model/networks.ts";
import type { ForwardPort, OfferPort } from "./transport.ts";

const usualSocket = "/var/run/docker.sock";

/**
 * A command that finds the Engine's socket on the other machine, prints that machine's addresses and its path, and runs
 * until its input ends, which it does with this process. It works in any login shell: it has no single quotes,
 * backslashes or exclamation marks.
 */
const findSocket = (path: string | undefined): string => {
  const usual = `${usualSocket} "$XDG_RUNTIME_DIR/docker.sock" "/run/user/$(id -u)/docker.sock" "$HOME/.docker/run/docker.sock"`;
  const candidates = path === undefined ? usual : `"${path}"`;
  // A socket that was named may be that of an Engine in another network.
  const addresses = path === undefined ? "echo addresses $(ip -o address 2>/dev/null); " : "";
  return `sh -c 'for s in ${candidates}; do [ -S "$s" ] || continue; if [ -w "$s" ]; then ${addresses}echo "socket $s"; exec cat; fi; echo "denied $s"; exit 0; done; echo none'`;
};

/**
 * Forwards the socket of an Engine on another machine to this one, through the user's own ssh and its configuration:
 * one connection and one process for all requests, and for the ports that are forwarded later. The other machine needs
 * only sshd.
 *
 * @returns the path of the local socket, which is removed with this process
 * @throws ReynsError NO_ENGINE with ssh's output, MISSING_TOOL
 */
export async function openTunnel(endpoint: SshEndpoint): Promise<SshTransport> {
  if (Bun.which("ssh") === null) {
    throw new ReynsError("MISSING_TOOL", `${endpoint.address} needs an ssh client`, {
      hint: "install it (Debian, Ubuntu: sudo apt-get install openssh-client)",
    });
  }
  const guess = endpoint.path ?? usualSocket;
  const tunnel = await connect(endpoint, { local: newSocket(), remote: guess });
  const forward = createForward(endpoint, dirname(tunnel.local));
  const offer = createOffer(endpoint, dirname(tunnel.local));
  const { addresses } = tunnel;
  if (tunnel.remote === guess) return { socketPath: tunnel.local, addresses, forward, offer };
  // A rootless Engine. Its path is known only now. Its machine does not reach its containers.
  const socketPath = await forward(tunnel.remote).catch((cause: unknown) => {
    throw connectionFailed(endpoint, [messageOf(cause)]);
  });
  return { socketPath, addresses };
}

interface SshTransport {
  readonly socketPath: string;
  /** Empty where the machine cannot tell. */
  readonly addresses: readonly HostAddress[];
  readonly forward?: ForwardPort;
  readonly offer?: OfferPort;
}

/** A path in a folder that only this user can access. */
function newSocket(): string {
  const folder = mkdtempSync(join(tmpdir(), "reyns-ssh-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "engine.sock");
}

/** The path of a socket here, and of the one that it leads to. */
interface SocketPaths {
  readonly local: string;
  readonly remote: string;
}

interface Tunnel extends SocketPaths {
  readonly addresses: readonly HostAddress[];
}

/** Removes the folder even when this process is killed: ssh ends with its input. */
const wrapper = 'ssh "$@"; rm -rf -- "$0"';

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid);
  } catch {
    // It has already ended.
  }
}

async function connect(endpoint: SshEndpoint, { local, remote }: SocketPaths): Promise<Tunnel> {
  const args = [
    ...sshWords(endpoint, tunnelOptions(dirname(local))),
    "-L",
    `${local}:${remote}`,
    "--",
    endpoint.host,
  ];
  // In its own session: Ctrl-C must not end it, because this process may still clean up through it.
  const child = spawn("sh", ["-c", wrapper, dirname(local), ...args, findSocket(endpoint.path)], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  process.on("exit", () => killGroup(child));
  const found = await waitForSocket(child, endpoint);
  for (const stream of [child, child.stdin, child.stdout, child.stderr])
    (stream as { unref?: () => void }).unref?.();
  return { local, ...found };
}

const tunnelOptions = (folder: string): SshOptions => ({
  ConnectTimeout: "5",
  // Not the user's: in a shared connection, the forward would outlive this process.
  ControlMaster: "yes",
  ControlPath: controlPath(folder),
  ControlPersist: "no",
  ExitOnForwardFailure: "yes",
  StreamLocalBindMask: "0177",
  RequestTTY: "no",
  RemoteCommand: "none",
  // A machine that is gone is noticed within a minute, whatever the user's configuration says.
  ServerAliveInterval: "15",
  ServerAliveCountMax: "3",
});

/** The path of the socket on the other machine, and what the machine says of its addresses. */
async function waitForSocket(
  child: ChildProcess,
  endpoint: SshEndpoint,
): Promise<Pick<Tunnel, "remote" | "addresses">> {
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new TypeError("ssh was spawned without pipes");
  const output: string[] = [];
  let addresses: HostAddress[] = [];
  createInterface(stderr).on("line", (line) => output.push(line));
  const answer = await new Promise<string>((resolve, reject) => {
    // The login may print lines of its own first.
    createInterface(stdout).on("line", (line) => {
      if (line.startsWith("addresses ")) addresses = parseAddresses(line);
      if (/^(socket |denied |none$)/.test(line)) resolve(line);
    });
    child.once("error", reject);
    child.once("close", () => resolve(""));
  });
  const [state, path = ""] = answer.split(/ (.*)/);
  if (state === "socket") return { remote: path, addresses };
  killGroup(child);
  if (state === "denied") throw permissionDenied(endpoint, path);
  throw answer === "none" ? noSocket(endpoint) : connectionFailed(endpoint, output);
}

/** Reads what `ip -o address` prints, on one line. Source: ip-address(8). */
export function parseAddresses(line: string): HostAddress[] {
  return [...line.matchAll(/(\S+) +inet6? ([\d.:a-f]+)/g)].map(([, name = "", address = ""]) => ({
    name,
    address,
  }));
}

function permissionDenied({ address }: SshEndpoint, path: string): ReynsError {
  const message = `no Docker Engine at ${address}: permission denied for ${path}`;
  const hint = 'on that machine, join the group "docker": sudo usermod -aG docker "$USER"';
  return new ReynsError("NO_ENGINE", message, { hint });
}

function noSocket({ address, path }: SshEndpoint): ReynsError {
  const missing = path ?? `${usualSocket} and no socket of a rootless Engine`;
  return new ReynsError("NO_ENGINE", `no Docker Engine at ${address}: there is no ${missing}`, {
    hint: "start it on that machine, or name another socket: ssh://HOST/PATH/TO/docker.sock",
  });
}

function connectionFailed(
  { address, user, port, host }: SshEndpoint,
  output: readonly string[],
): ReynsError {
  const args = [
    ...(port === undefined ? [] : ["-p", String(port)]),
    user === undefined ? host : `${user}@${host}`,
  ];
  return new ReynsError("NO_ENGINE", `no Docker Engine at ${address}: ssh cannot connect`, {
    hint: `ssh must log in without a prompt; try: ssh ${args.join(" ")} true`,
    output,
  });
}
