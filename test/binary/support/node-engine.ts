import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { must, until } from "../../engine/support/images-container.ts";
import type { Share } from "./node-share.ts";

/** A dockerd in a network namespace. */
export interface NodeEngine {
  readonly name: string;
  readonly socket: string;
  /** Folder of its data. */
  readonly data: string;
  start(): Promise<void>;
  /** As when its power fails: Engine and containers end without a word. */
  kill(): Promise<void>;
}

/** Starts them all with the named images of the usual Engine. */
export async function startWith(
  images: readonly string[],
  [first, ...others]: readonly NodeEngine[],
): Promise<void> {
  if (!first) return;
  await first.start();
  await loadImages(images, first);
  await Promise.all(others.map((node) => shareImages(first, node)));
  await Promise.all(others.map((node) => node.start()));
}

interface EngineSettings {
  readonly name: string;
  readonly flags: readonly string[];
  readonly share: Share | undefined;
}

/** An Engine as process 1 of a namespace, so that everything in it ends with it. */
export function engineOf(
  space: string,
  folder: string,
  { name, flags, share }: EngineSettings,
): NodeEngine {
  const socket = join(folder, "docker.sock");
  const [data, log] = [join(folder, "data"), join(folder, "dockerd.log")];
  const words = [
    ...["setpriv", "--pdeathsig", "KILL", ...(share?.words ?? [])],
    ...["nsenter", `--net=/run/netns/${space}`],
    ...["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c"],
    'mount -t tmpfs none /run && mkdir /run/tmp && DOCKER_TMPDIR=/run/tmp exec dockerd "$@"',
    ...["dockerd", "--host", `unix://${socket}`, "--data-root", data],
    ...["--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent", `/${space}`],
    ...flags,
  ];
  let engine: Bun.Subprocess | undefined;
  const isUp = (): Promise<boolean> => answers(socket);
  return {
    name,
    socket,
    data,
    start: async () => {
      engine = Bun.spawn(words, { stdin: "ignore", stdout: Bun.file(log), stderr: Bun.file(log) });
      const ended = engine.exited.then(async () => {
        throw new Error(`the Engine of ${name} has ended:\n${await Bun.file(log).text()}`);
      });
      ended.catch(() => {});
      await Promise.race([until(`the Engine of ${name}`, isUp, 120), ended]);
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

/** From the usual Engine, as a tar and without a client. */
async function loadImages(images: readonly string[], { socket, name }: NodeEngine): Promise<void> {
  const names = images.map((image) => `names=${encodeURIComponent(image)}`).join("&");
  const saved = await fetch(`http://engine/images/get?${names}`, { unix: "/var/run/docker.sock" });
  const url = "http://engine/images/load?quiet=true";
  const body = await saved.arrayBuffer();
  const loaded = await fetch(url, { unix: socket, method: "POST", body });
  const text = await loaded.text();
  if (!loaded.ok || text.includes('"error"')) throw new Error(`images of ${name}: ${text}`);
}

/** Layers are never written to, so that hard links do: loading again would take ten times as long. */
async function shareImages(from: NodeEngine, to: NodeEngine): Promise<void> {
  await mkdir(to.data);
  await must("cp", "--archive", "--link", join(from.data, "overlay2"), to.data);
  await must("cp", "--archive", join(from.data, "image"), to.data);
}
