import { connect } from "node:net";
import { errorStatus } from "../../docker/client/errors.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { inspectContainer } from "../../docker/containers/containers.ts";
import { listContainers } from "../../docker/containers/list.ts";
import { runExec, type ExecOutput } from "../../docker/streams/exec.ts";
import { ReynsError } from "../../errors.ts";
import { labels } from "../../model/labels.ts";
import { parseSocketTable } from "../host/listening-ports.ts";
import { isReachableFromHost } from "../host/reachability.ts";

/** Checks the ports of an instance. */
export interface Probe {
  /** Whether a TCP connection is accepted. */
  accepts(port: number): Promise<boolean>;
  /** Whether `GET path` returns a status below 400. */
  answers(port: number, path: string): Promise<boolean>;
}

interface ProbeTarget {
  readonly engine: Engine;
  readonly containerId: string;
  readonly host: string;
  readonly address: string;
}

/** Connects from this host where containers are reachable, else from a container. */
export async function createProbe(given: ProbeTarget): Promise<Probe> {
  const address = given.address || (await addressOf(given));
  if (address === "") return probeFromContainer({ ...given, address: "127.0.0.1" });
  const target = { ...given, address };
  return (await isReachableFromHost(target.engine, target.address))
    ? probeFromHost(target)
    : probeFromContainer(target);
}

/** One that the Engine has chosen; empty where it has none but its loopback. */
async function addressOf({ engine, containerId }: ProbeTarget): Promise<string> {
  const { networks = {} } = (await inspectContainer(engine, containerId)) ?? {};
  return Object.values(networks).find((address) => address !== "") ?? "";
}

function probeFromHost({ address }: ProbeTarget): Probe {
  return {
    accepts: (port) => canConnect(address, port),
    answers: (port, path) => respondsOk(`http://${address}:${port}${path}`),
  };
}

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const finish = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once("connect", () => finish(true));
    socket.once("timeout", () => finish(false));
    socket.once("error", () => finish(false));
  });
}

async function respondsOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(2000) });
    // A page without an end is an answer, too.
    await drain(response.body).catch(() => {});
    return response.status < 400;
  } catch {
    return false;
  }
}

/** Reads a page to its end, since many servers log an error when a client leaves before that. A long one is left. */
async function drain(body: AsyncIterable<Uint8Array> | null): Promise<void> {
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > drainLimit) return;
  }
}

const drainLimit = 65_536;

/** For bash, with address and port as arguments. */
const connectScript = 'exec 3<>"/dev/tcp/$0/$1"';

/** The same, with a path. Prints the status line, and reads the rest as above. */
const requestScript = `${connectScript} && printf "GET %s HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n" "$2" "$0" >&3 && IFS= read -r line <&3 && echo "$line" && { read -r -d "" -n ${drainLimit} -t 1 <&3 || true; }`;

/** With bash in a container that is based on our images, else in the instance itself. */
function probeFromContainer(target: ProbeTarget): Probe {
  const { engine, containerId, host, address } = target;
  const run = async (script: string, port: number, ...args: string[]): Promise<ExecOutput> => {
    const id = (await findContainerWithBash(engine, containerId)) ?? containerId;
    const command = ["timeout", "2", "bash", "-c", script, address, String(port), ...args];
    return execInRunning(engine, id, command);
  };
  return {
    accepts: async (port) => {
      if ((await findContainerWithBash(engine, containerId)) === undefined)
        return isListening(target, port);
      return (await run(connectScript, port)).exitStatus === 0;
    },
    answers: async (port, path) => {
      const { exitStatus, stdout } = await run(requestScript, port, path);
      if (isCommandMissing(exitStatus)) throw noProbeError(host);
      const status = Number(/^HTTP\/\S+ (\d+)/.exec(stdout)?.[1] ?? 500);
      return exitStatus === 0 && status < 400;
    },
  };
}

/**
 * A running container of the same origin that is based on our images and in a network of the instance, preferably the
 * instance itself.
 */
async function findContainerWithBash(
  engine: Engine,
  containerId: string,
): Promise<string | undefined> {
  const containers = await listContainers(engine, [labels.folder]);
  const probed = containers.find(({ id }) => id === containerId);
  const own = new Set(Object.keys(probed?.networks ?? {}).filter((name) => name !== "none"));
  const suitable = containers.filter(
    (container) =>
      container.state === "running" &&
      container.labels[labels.base] === "true" &&
      container.labels[labels.folder] === probed?.labels[labels.folder],
  );
  const itself = suitable.find(({ id }) => id === containerId);
  const near = suitable.find(({ networks }) => Object.keys(networks).some((name) => own.has(name)));
  return (itself ?? near)?.id;
}

/** Without any program to connect with, by the kernel's table of sockets: proc_net_tcp(5). */
async function isListening(
  { engine, containerId, host }: ProbeTarget,
  port: number,
): Promise<boolean> {
  const command = ["cat", "/proc/net/tcp", "/proc/net/tcp6"];
  const { exitStatus, stdout } = await execInRunning(engine, containerId, command);
  if (isCommandMissing(exitStatus)) throw noProbeError(host);
  return parseSocketTable(stdout, "0A").some((socket) => socket.host === port);
}

async function execInRunning(engine: Engine, id: string, command: string[]): Promise<ExecOutput> {
  try {
    return await runExec(engine, id, { command });
  } catch (error) {
    // The container is not running; the caller reports its exit.
    if (errorStatus(error) === 409) return { stdout: "", stderr: "", exitStatus: 1 };
    throw error;
  }
}

/** By the exit statuses of a shell: not executable, not found. */
function isCommandMissing(exitStatus: number): boolean {
  return exitStatus === 126 || exitStatus === 127;
}

function noProbeError(host: string): ReynsError {
  const message = `${host}: cannot check its ports: this host has no route to the Engine's networks, and no running container has a program to connect with`;
  const hint =
    "use ready.log, ready.healthy or ready.command, or run a service based on reyns/reyns-base, or a DNS, in this project";
  return new ReynsError("NOT_READY", message, { hint });
}
