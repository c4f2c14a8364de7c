import { cp, mkdir, mkdtemp } from "node:fs/promises";
import { basename, join } from "node:path";
import { must, type Output, run } from "../../engine/support/images-container.ts";
import { engineOf, type NodeEngine, startWith } from "./node-engine.ts";
import { makeShare, type Share } from "./node-share.ts";
import { prefix, removeOrphans, removeTraces, rootFolder } from "./node-traces.ts";
import { type CallOptions, reyns } from "./reyns.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

/** A machine of its own as far as Docker and the network go: an Engine in a network namespace, joined by a bridge. */
export interface Node {
  readonly name: string;
  /** IPv4 address of its eth0. */
  readonly address: string;
  /** The node's own copy of a project. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Words that put a command into its network, under its host name. */
  readonly inside: readonly string[];
  /** Its own part of the processors, where `startNodes` was to give it one. */
  readonly share: Share | undefined;
  /** Calls the executable in its folder, whatever comes of it. */
  reyns(line: string | readonly string[], options?: CallOptions): Promise<Output>;
  /** The same for a call that must succeed; resolves to its standard output. */
  must(line: string | readonly string[], options?: CallOptions): Promise<string>;
  terminal(): Promise<Terminal>;
  /** Takes its cable out, or puts it back. */
  setLink(state: "up" | "down"): Promise<void>;
  /** As when its power fails: Engine and containers end without a word. */
  kill(): Promise<void>;
  /** Starts its Engine, after `kill` again. */
  start(): Promise<void>;
}

export interface Nodes<Name extends string> extends AsyncDisposable {
  readonly node: Readonly<Record<Name, Node>>;
}

const subnet = "192.168.77";

/** What the machine lacks to make nodes; undefined when it has all of it. */
export async function whyNoNodes(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "nodes need root";
  const missing = ["ip", "nsenter", "unshare", "setpriv", "dockerd"].filter(
    (tool) => Bun.which(tool) === null,
  );
  if (missing.length > 0) return `nodes need ${missing.join(", ")}`;
  const trial = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc"];
  const { status } = await run([...trial, "mount", "-t", "tmpfs", "none", "/run"]);
  return status === 0 ? undefined : "nodes need the right to make namespaces and mounts";
}

interface Settings {
  /** Names of images on the usual Engine that each node gets. */
  readonly images: readonly string[];
  /** A folder that each node gets a copy of. */
  readonly project: string;
  /** What the executable finds in its environment on each node. */
  readonly env?: Readonly<Record<string, string>>;
  /** Size of the disk that each Engine has for all that it keeps: `64m`; that of this machine unless given. */
  readonly disk?: string;
  /** How many processors each machine has, whatever the others do; unless given, all share those of this one. */
  readonly processors?: number;
  /** More words for each dockerd, by the address of its node. */
  readonly engineFlags?: (address: string) => readonly string[];
}

/**
 * Starts an Engine for each name, in network namespaces joined by a bridge, which lies in a namespace as well: nothing
 * of the host's own network is touched. They die with this process, however it ends; what an earlier one has left is
 * taken away first.
 *
 * @example
 * await using nodes = await startNodes(["master", "node1"], { images: ["reyns/reyns-base"], project: folder });
 * await nodes.node.master.must("run all group=master");
 */
export async function startNodes<Name extends string>(
  names: readonly Name[],
  { images, project, env = {}, disk, processors, engineFlags = () => [] }: Settings,
): Promise<Nodes<Name>> {
  await removeOrphans();
  const root = rootFolder();
  const own = basename(await mkdtemp(join(root, `${prefix}${process.pid}-`)));
  const nodes: (Node & NodeEngine)[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()));
    await removeTraces(own);
  };
  try {
    await makeSwitch(own);
    for (const name of names)
      nodes.push(
        await makeNode(own, name, nodes.length + 1, {
          root,
          project,
          env,
          disk,
          processors,
          engineFlags,
        }),
      );
    await startWith(images, nodes);
    if (processors !== undefined) for (const { share } of nodes) await share?.limit(processors);
  } catch (error) {
    await dispose();
    throw error;
  }
  const entries = nodes.map((node) => [node.name, node]);
  return {
    node: Object.fromEntries(entries) as Record<Name, Node>,
    [Symbol.asyncDispose]: dispose,
  };
}

interface Place {
  /** Folder of all nodes' files. */
  readonly root: string;
  readonly project: string;
  readonly env: Node["env"];
  readonly disk: string | undefined;
  readonly processors: number | undefined;
  readonly engineFlags: (address: string) => readonly string[];
}

async function makeSwitch(own: string): Promise<void> {
  const name = `${own}.switch`;
  await must("ip", "netns", "add", name);
  await must("ip", "-n", name, "link", "add", "bridge", "type", "bridge", "forward_delay", "0");
  await must("ip", "-n", name, "link", "set", "bridge", "up");
}

async function makeNode(
  own: string,
  name: string,
  number: number,
  { root, project, env, disk, processors, engineFlags }: Place,
): Promise<Node & NodeEngine> {
  const [space, hub, port] = [`${own}.${name}`, `${own}.switch`, `port${number}`];
  const folder = join(root, own, name);
  const address = `${subnet}.${number}`;
  await must("ip", "netns", "add", space);
  const pair = ["name", "eth0", "type", "veth", "peer", "name", port, "netns", hub];
  await must("ip", "-n", space, "link", "add", ...pair);
  await must("ip", "-n", space, "address", "add", `${address}/24`, "dev", "eth0");
  for (const device of ["lo", "eth0"]) await must("ip", "-n", space, "link", "set", device, "up");
  await must("ip", "-n", hub, "link", "set", port, "master", "bridge", "up");
  await mkdir(folder);
  await cp(project, join(folder, basename(project)), { recursive: true });
  const share = processors === undefined ? undefined : await makeShare(space);
  const engine = engineOf(space, folder, { name, flags: engineFlags(address), share });
  if (disk !== undefined) {
    await mkdir(engine.data);
    await must("mount", "-t", "tmpfs", "-o", `size=${disk}`, own, engine.data);
  }
  return {
    ...engine,
    ...callsOn(space, name, join(folder, basename(project)), {
      ...env,
      DOCKER_HOST: `unix://${engine.socket}`,
    }),
    ...{ name, address, share },
    setLink: async (state) => void (await must("ip", "-n", hub, "link", "set", port, state)),
  };
}

type Calls = Pick<Node, "folder" | "env" | "inside" | "reyns" | "must" | "terminal">;

function callsOn(space: string, name: string, folder: string, env: Node["env"]): Calls {
  const inside = [
    ...[Bun.which("nsenter") ?? "", `--net=/run/netns/${space}`],
    ...[Bun.which("unshare") ?? "", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', name],
  ];
  const call: Node["reyns"] = (line, options = {}) =>
    reyns(folder, line, { ...options, inside, env: { ...env, ...options.env } });
  return {
    folder,
    env,
    inside,
    reyns: call,
    must: async (line, options) => {
      const { status, stdout, stderr } = await call(line, options);
      if (status === 0) return stdout.trimEnd();
      throw new Error(`reyns ${[line].flat().join(" ")}: status ${status}\n${stderr}${stdout}`);
    },
    terminal: () => openTerminal({ folder, env, inside }),
  };
}
