import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { ReynsError } from "../../errors.ts";
import type { Endpoint } from "./endpoint.ts";

type SshEndpoint = Extract<Endpoint, { kind: "ssh" }>;

const usualSocket = "/var/run/docker.sock";

/**
 * Looks for the Engine's socket on the other machine, names it, and stays until its input ends, as it does with
 * this process, however that ends. For any shell: without single quotes, backslashes and exclamation marks.
 */
const lookout = (path: string | undefined): string => {
  const usual = `${usualSocket} "$XDG_RUNTIME_DIR/docker.sock" "/run/user/$(id -u)/docker.sock" "$HOME/.docker/run/docker.sock"`;
  const places = path === undefined ? usual : `"${path}"`;
  return `sh -c 'for s in ${places}; do [ -S "$s" ] || continue; if [ -w "$s" ]; then echo "socket $s"; exec cat; fi; echo "denied $s"; exit 0; done; echo none'`;
};

/**
 * Brings the socket of an Engine on another machine here, through the user's own ssh with all of its configuration:
 * one connection and one process for all requests, and nothing but sshd is needed there. Returns the path of the
 * socket here, which goes with this process.
 *
 * @throws ReynsError NO_ENGINE with what ssh said, MISSING_TOOL
 */
export async function openTunnel(endpoint: SshEndpoint): Promise<string> {
  if (Bun.which("ssh") === null) {
    throw new ReynsError("MISSING_TOOL", `there is no ssh client here for ${endpoint.address}`, {
      hint: "install it (Debian, Ubuntu: sudo apt-get install openssh-client)",
    });
  }
  const guess = endpoint.path ?? usualSocket;
  const found = await connect(endpoint, { here: newSocket(), there: guess });
  if (found.there === guess) return found.here;
  // An Engine of the user's own: only now its path is known, and a forward has to begin with it.
  found.end();
  return (await connect(endpoint, { here: newSocket(), there: found.there })).here;
}

/** A path in a folder that only this user may enter. */
function newSocket(): string {
  const folder = mkdtempSync(join(tmpdir(), "reyns-ssh-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "engine.sock");
}

interface Forward {
  readonly here: string;
  readonly there: string;
}

interface Tunnel extends Forward {
  end(): void;
}

/** Removes the folder also when this process is killed, and ssh ends with its input. */
const keeper = 'ssh "$@"; rm -rf -- "$0"';

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid);
  } catch {
    // It has ended by itself.
  }
}

async function connect(endpoint: SshEndpoint, { here, there }: Forward): Promise<Tunnel> {
  const words = [...sshWords(endpoint), "-L", `${here}:${there}`, "--", endpoint.host];
  // In a session of its own: Ctrl-C at the terminal is for this process, which may have to tidy up through it.
  const child = spawn("sh", ["-c", keeper, dirname(here), ...words, lookout(endpoint.path)], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const end = (): void => endGroup(child);
  process.on("exit", end);
  const answer = await firstAnswer(child, endpoint);
  for (const stream of [child, child.stdin, child.stdout, child.stderr])
    (stream as { unref?: () => void }).unref?.();
  return { here, there: answer, end };
}

function sshWords({ user, port }: SshEndpoint): string[] {
  const options = {
    ConnectTimeout: "15",
    // Through a connection that others share, forwards would outlive this call.
    ControlPath: "none",
    ExitOnForwardFailure: "yes",
    StreamLocalBindMask: "0177",
    RequestTTY: "no",
    RemoteCommand: "none",
    ServerAliveInterval: "15",
  };
  return [
    ...Object.entries(options).map(([name, value]) => `-o${name}=${value}`),
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", String(port)]),
  ];
}

/** The path of the socket there. */
async function firstAnswer(child: ChildProcess, endpoint: SshEndpoint): Promise<string> {
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new TypeError("ssh was spawned without pipes");
  const complaints: string[] = [];
  createInterface(stderr).on("line", (line) => complaints.push(line));
  const said = await new Promise<string>((resolve, reject) => {
    // What the login there prints of its own comes before.
    createInterface(stdout).on("line", (line) => {
      if (/^(socket |denied |none$)/.test(line)) resolve(line);
    });
    child.once("error", reject);
    child.once("close", () => resolve(""));
  });
  const [word, path = ""] = said.split(/ (.*)/);
  if (word === "socket") return path;
  endGroup(child);
  if (word === "denied") throw denied(endpoint, path);
  throw said === "none" ? noSocket(endpoint) : unconnected(endpoint, complaints);
}

function denied({ address }: SshEndpoint, path: string): ReynsError {
  const message = `no Docker Engine at ${address}: this user may not use ${path} there`;
  const hint = 'there: join the group "docker" (sudo usermod -aG docker "$USER")';
  return new ReynsError("NO_ENGINE", message, { hint });
}

function noSocket({ address, path }: SshEndpoint): ReynsError {
  const where = path ?? `${usualSocket}, nor the socket of a rootless Engine`;
  return new ReynsError("NO_ENGINE", `no Docker Engine at ${address}: there is no ${where}`, {
    hint: "start it there; at another path: ssh://HOST/PATH/TO/docker.sock",
  });
}

function unconnected(endpoint: SshEndpoint, complaints: readonly string[]): ReynsError {
  const message = `no Docker Engine at ${endpoint.address}: ssh does not get there`;
  const { user, port, host } = endpoint;
  const words = [
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(user === undefined ? [host] : [`${user}@${host}`]),
  ];
  return new ReynsError("NO_ENGINE", message, {
    hint: `it has to work without a question: ssh ${words.join(" ")} true`,
    output: complaints,
  });
}
