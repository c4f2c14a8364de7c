import { join } from "node:path";
import type { Endpoint } from "./endpoint.ts";
import type { ForwardPort, OfferPort } from "./transport.ts";

export type SshEndpoint = Extract<Endpoint, { kind: "ssh" }>;

export type SshOptions = Readonly<Record<string, string>>;

/** Forwards a port of a host, or the path of a socket. */
type Forward = (...target: Parameters<ForwardPort> | [socket: string]) => Promise<string>;

/** Requests more forwards from the running ssh, each once: a single login serves them all. */
export function createForward(endpoint: SshEndpoint, folder: string): Forward {
  const forwards = new Map<string, Promise<string>>();
  return (host, port?: number) => {
    const target = port === undefined ? host : `[${host}]:${port}`;
    const forward = forwards.get(target) ?? addForward(endpoint, folder, target, forwards.size);
    forwards.set(target, forward);
    return forward;
  };
}

async function addForward(
  endpoint: SshEndpoint,
  folder: string,
  target: string,
  index: number,
): Promise<string> {
  const local = join(folder, String(index));
  await askMaster({ endpoint, folder }, ["forward", "-L", `${local}:${target}`]);
  return local;
}

const refusesOffers =
  "its ssh server forwards no ports to this machine (AllowTcpForwarding or PermitListen in its sshd_config)";

/** A port that is free on the other machine, until it is taken back. */
export function createOffer(endpoint: SshEndpoint, folder: string): OfferPort {
  const master = { endpoint, folder };
  return async (port, signal) => {
    // Also where sshd would choose another address. One with GatewayPorts yes takes all of them, whatever is asked for.
    const target = `127.0.0.1:0:127.0.0.1:${port}`;
    try {
      const answer = await askMaster(master, ["forward", "-R", target], signal);
      return {
        port: Number(answer),
        [Symbol.asyncDispose]: async () => {
          // An ssh that has ended has taken it back by itself.
          await askMaster(master, ["cancel", "-R", target]).catch(() => {});
        },
      };
    } catch (cause) {
      signal.throwIfAborted();
      throw new Error(refusesOffers, { cause });
    }
  };
}

interface SshMaster {
  readonly endpoint: SshEndpoint;
  readonly folder: string;
}

type MasterRequest = readonly [command: "forward" | "cancel", kind: "-L" | "-R", what: string];

/** A running ssh answers at once, unless its connection hangs. */
const answerTimeoutMs = 10_000;

/** @returns what the running ssh answers */
async function askMaster(
  { endpoint, folder }: SshMaster,
  [command, kind, what]: MasterRequest,
  signal?: AbortSignal,
): Promise<string> {
  const words = sshWords(endpoint, { ControlPath: controlPath(folder) });
  const call = ["ssh", ...words, "-O", command, kind, what, "--", endpoint.host];
  const child = Bun.spawn(call, {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: answerTimeoutMs,
    killSignal: "SIGKILL",
    ...(signal && { signal }),
  });
  const [status, output, errors] = await Promise.all([
    child.exited,
    child.stdout.text(),
    child.stderr.text(),
  ]);
  signal?.throwIfAborted();
  const isLate = child.signalCode === "SIGKILL";
  const reason = isLate ? `no answer within ${answerTimeoutMs / 1000} s` : errors.trim();
  if (status !== 0) throw new Error(`ssh does not ${command} ${what}: ${reason}`);
  return output.trim();
}

/** In the tunnel's own folder, with a short name: paths of sockets have at most 104 bytes, and ssh adds 17. */
export function controlPath(folder: string): string {
  return join(folder, "c");
}

export function sshWords({ user, port }: SshEndpoint, options: SshOptions): string[] {
  return [
    ...Object.entries(options).map(([name, value]) => `-o${name}=${value}`),
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", String(port)]),
  ];
}
