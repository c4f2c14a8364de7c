import { cp, mkdir, mkdtemp, readdir, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { must, type Output, run, until } from "../../engine/support/images-container.ts";
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
  /** Words that put a command into its network. */
  readonly inside: readonly string[];
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

const prefix = "reyns-nodes-";
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
  { images, project, env = {} }: Settings,
): Promise<Nodes<Name>> {
  await removeOrphans();
  const own = basename(await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`)));
  const nodes: EngineNode[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()));
    await removeTraces(own);
  };
  try {
    await makeSwitch(own);
    for (const name of names)
      nodes.push(await makeNode(own, name, nodes.length + 1, { project, env }));
    await startWith(images, nodes);
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

interface EngineNode extends Node {
  readonly socket: string;
  /** Folder of its Engine's data. */
  readonly data: string;
}

async function startWith(
  images: readonly string[],
  [first, ...others]: readonly EngineNode[],
): Promise<void> {
  if (!first) return;
  await first.start();
  await loadImages(images, first);
  await Promise.all(others.map((node) => shareImages(first, node)));
  await Promise.all(others.map((node) => node.start()));
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
  { project, env }: { readonly project: string; readonly env: Node["env"] },
): Promise<EngineNode> {
  const [space, hub, port] = [`${own}.${name}`, `${own}.switch`, `port${number}`];
  const folder = join(tmpdir(), own, name);
  const address = `${subnet}.${number}`;
  await must("ip", "netns", "add", space);
  const pair = ["name", "eth0", "type", "veth", "peer", "name", port, "netns", hub];
  await must("ip", "-n", space, "link", "add", ...pair);
  await must("ip", "-n", space, "address", "add", `${address}/24`, "dev", "eth0");
  for (const device of ["lo", "eth0"]) await must("ip", "-n", space, "link", "set", device, "up");
  await must("ip", "-n", hub, "link", "set", port, "master", "bridge", "up");
  await mkdir(folder);
  await cp(project, join(folder, basename(project)), { recursive: true });
  const engine = engineOf(space, folder, name);
  return {
    ...engine,
    ...callsOn(space, join(folder, basename(project)), {
      ...env,
      DOCKER_HOST: `unix://${engine.socket}`,
    }),
    name,
    address,
    setLink: async (state) => void (await must("ip", "-n", hub, "link", "set", port, state)),
  };
}

/** Its Engine: process 1 of a namespace, so that everything in it ends with it. */
function engineOf(
  space: string,
  folder: string,
  name: string,
): Pick<EngineNode, "socket" | "data" | "start" | "kill"> {
  const socket = join(folder, "docker.sock");
  const [data, log] = [join(folder, "data"), join(folder, "dockerd.log")];
  const words = [
    ...["setpriv", "--pdeathsig", "KILL", "nsenter", `--net=/run/netns/${space}`],
    ...["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c"],
    'mount -t tmpfs none /run && mkdir /run/tmp && DOCKER_TMPDIR=/run/tmp exec dockerd "$@"',
    ...["dockerd", "--host", `unix://${socket}`, "--data-root", data],
    ...["--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent", `/${space}`],
  ];
  let engine: Bun.Subprocess | undefined;
  const isUp = (): Promise<boolean> => answers(socket);
  return {
    socket,
    data,
    start: async () => {
      engine = Bun.spawn(words, { stdin: "ignore", stdout: Bun.file(log), stderr: Bun.file(log) });
      const ended = engine.exited.then(async () => {
        throw new Error(`the Engine of ${name} has ended:\n${await Bun.file(log).text()}`);
      });
      ended.catch(() => {});
      await Promise.race([until(`the Engine of ${name}`, isUp, 30), ended]);
    },
    kill: async () => {
      if (!engine || engine.exitCode !== null || engine.signalCode !== null) return;
      // With process 1 everything else has ended when its parent hears of it.
      const path = `/proc/${engine.pid}/task/${engine.pid}/children`;
      const first = /\d+/.exec(await Bun.file(path).text())?.[0];
      process.kill(first === undefined ? engine.pid : Number(first), "SIGKILL");
      await engine.exited;
    },
  };
}

async function answers(socket: string): Promise<boolean> {
  try {
    return (await fetch("http://engine/_ping", { unix: socket })).ok;
  } catch {
    return false;
  }
}

type Calls = Pick<Node, "folder" | "env" | "inside" | "reyns" | "must" | "terminal">;

function callsOn(space: string, folder: string, env: Node["env"]): Calls {
  const inside = [Bun.which("nsenter") ?? "", `--net=/run/netns/${space}`];
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

/** From the usual Engine, as a tar and without a client. */
async function loadImages(images: readonly string[], { socket, name }: EngineNode): Promise<void> {
  const names = images.map((image) => `names=${encodeURIComponent(image)}`).join("&");
  const saved = await fetch(`http://engine/images/get?${names}`, { unix: "/var/run/docker.sock" });
  const url = "http://engine/images/load?quiet=true";
  const body = await saved.arrayBuffer();
  const loaded = await fetch(url, { unix: socket, method: "POST", body });
  const text = await loaded.text();
  if (!loaded.ok || text.includes('"error"')) throw new Error(`images of ${name}: ${text}`);
}

/** Layers are never written to, so that hard links do: loading again would take ten times as long. */
async function shareImages(from: EngineNode, to: EngineNode): Promise<void> {
  await mkdir(to.data);
  await must("cp", "--archive", "--link", join(from.data, "overlay2"), to.data);
  await must("cp", "--archive", join(from.data, "image"), to.data);
}

/** What a run that was killed has left: its Engines have died with it. */
async function removeOrphans(): Promise<void> {
  const spaces = (await must("ip", "netns", "list")).split("\n").map((line) => line.split(" ")[0]);
  const folders = await readdir(tmpdir());
  const all = [...spaces, ...folders].flatMap(
    (name) => /^reyns-nodes-\d+-\w+/.exec(name ?? "") ?? [],
  );
  for (const own of new Set(all)) {
    const pid = Number(own.split("-")[2]);
    if (pid !== process.pid && !isAlive(pid)) await removeTraces(own);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function removeTraces(own: string): Promise<void> {
  const spaces = (await must("ip", "netns", "list")).split("\n").map((line) => line.split(" ")[0]);
  for (const space of spaces) {
    if (space?.startsWith(`${own}.`)) await must("ip", "netns", "delete", space);
  }
  await removeGroups(own);
  await rm(join(tmpdir(), own), { recursive: true, force: true });
}

const groups = "/sys/fs/cgroup";

/** Control groups of containers whose Engine has died: empty folders, below each hierarchy or in the only one. */
async function removeGroups(own: string): Promise<void> {
  const hierarchies = [groups, ...(await readdir(groups)).map((name) => join(groups, name))];
  for (const hierarchy of hierarchies) {
    const found = await readdir(hierarchy).catch(() => []);
    for (const name of found.filter((one) => one.startsWith(`${own}.`)))
      await removeGroup(join(hierarchy, name));
  }
}

async function removeGroup(path: string): Promise<void> {
  const inner = await readdir(path, { withFileTypes: true });
  for (const entry of inner) {
    if (entry.isDirectory()) await removeGroup(join(path, entry.name));
  }
  const remove = (): Promise<boolean> =>
    rmdir(path)
      .then(() => true)
      .catch(() => false);
  await until(`the end of what is in ${path}`, remove);
}
