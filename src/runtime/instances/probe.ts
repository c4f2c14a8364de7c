import { connect } from "node:net";
import { listContainers } from "../../docker/containers/list.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { runExec, type ExecResult } from "../../docker/streams/exec.ts";
import { errorStatus } from "../../docker/client/errors.ts";
import { ReynsError } from "../../errors.ts";
import { labels } from "../../model/labels.ts";
import { isReachableFromHost } from "../host/reachability.ts";
import { parseSocketTable } from "../host/listening-ports.ts";

/** Looks at the ports of an instance. */
export interface Probe {
  /** Whether a TCP connection is accepted. */
  accepts(port: number): Promise<boolean>;
  /** Whether `GET path` is answered with a status below 400. */
  answers(port: number, path: string): Promise<boolean>;
}

interface ProbeTarget {
  readonly engine: Engine;
  readonly containerId: string;
  readonly host: string;
  readonly address: string;
}

/** Where this host has the Engine's bridges it looks itself; elsewhere only containers lead there. */
export async function createProbe(target: ProbeTarget): Promise<Probe> {
  return (await isReachableFromHost(target.engine, target.address))
    ? probeFromHost(target)
    : probeFromContainer(target);
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
    const answer = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => answer(true));
    socket.once("timeout", () => answer(false));
    socket.once("error", () => answer(false));
  });
}

async function respondsOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(2000) });
    // Nobody reads it, and its connection would stay open for it.
    await response.body?.cancel();
    return response.status < 400;
  } catch {
    return false;
  }
}

const connectScript = 'exec 3<>"/dev/tcp/$0/$1"';
const requestScript = `${connectScript} && printf "GET %s HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n" "$2" "$0" >&3 && IFS= read -r line <&3 && echo "$line"`;

/** By bash in an instance of our images, or in the instance itself. */
function probeFromContainer({ engine, containerId, host, address }: ProbeTarget): Probe {
  const ask = async (script: string, port: number, ...words: string[]): Promise<ExecResult> => {
    const from = (await findContainerWithBash(engine, containerId)) ?? containerId;
    const command = ["timeout", "2", "bash", "-c", script, address, String(port), ...words];
    return execInRunning(engine, from, command);
  };
  return {
    accepts: async (port) => {
      if ((await findContainerWithBash(engine, containerId)) === undefined)
        return isListening(engine, containerId, host, port);
      return (await ask(connectScript, port)).exitStatus === 0;
    },
    answers: async (port, path) => {
      const { exitStatus, stdout } = await ask(requestScript, port, path);
      if (isCommandMissing(exitStatus)) throw noProbeError(host);
      const status = Number(/^HTTP\/\S+ (\d+)/.exec(stdout)?.[1] ?? 500);
      return exitStatus === 0 && status < 400;
    },
  };
}

/** A running container of the same project that has our images' tools, the instance itself before others. */
async function findContainerWithBash(
  engine: Engine,
  containerId: string,
): Promise<string | undefined> {
  const all = await listContainers(engine, [labels.folder]);
  const folder = all.find(({ id }) => id === containerId)?.labels[labels.folder];
  const able = all.filter(
    ({ state, labels: own }) =>
      state === "running" && own[labels.base] === "true" && own[labels.folder] === folder,
  );
  return (able.find(({ id }) => id === containerId) ?? able[0])?.id;
}

/** Without anything to connect with, the kernel's own list of sockets says who listens: proc_net_tcp(5). */
async function isListening(
  engine: Engine,
  containerId: string,
  host: string,
  port: number,
): Promise<boolean> {
  const tables = ["cat", "/proc/net/tcp", "/proc/net/tcp6"];
  const { exitStatus, stdout } = await execInRunning(engine, containerId, tables);
  if (isCommandMissing(exitStatus)) throw noProbeError(host);
  return parseSocketTable(stdout, "0A").some((socket) => socket.host === port);
}

async function execInRunning(engine: Engine, id: string, command: string[]): Promise<ExecResult> {
  try {
    return await runExec(engine, id, { command });
  } catch (error) {
    // It does not run: whoever watches its end says why.
    if (errorStatus(error) === 409) return { stdout: "", stderr: "", exitStatus: 1 };
    throw error;
  }
}

/** What a program that is not there ends with. */
function isCommandMissing(exitStatus: number): boolean {
  return exitStatus === 126 || exitStatus === 127;
}

function noProbeError(host: string): ReynsError {
  const message = `${host}: its ports cannot be looked at: this host has no way into the Engine's networks, and nothing that runs there can connect to them`;
  const hint =
    "choose ready.log, ready.healthy or ready.command, or run a service of reyns/reyns-base or a DNS beside it";
  return new ReynsError("NOT_READY", message, { hint });
}
