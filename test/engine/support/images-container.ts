import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askEngine, engineAnswer, inspectContainer } from "../../support/engine-api.ts";
import { execInContainer, logsOf } from "../../support/engine-exec.ts";

const label = "io.reyns.test=images";
export interface Output {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Container extends AsyncDisposable {
  readonly id: string;
  /** IPv4 address on the network it was started in. */
  readonly address: string;
  exec(...words: string[]): Promise<Output>;
  logs(): Promise<string>;
  /** Resolves to the exit status. */
  wait(): Promise<number>;
}

export interface ContainerOptions {
  readonly network?: string;
  /** IPv4, in a network with a subnet of its own. */
  readonly address?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Host path -> container path, read-only. */
  readonly mounts?: Readonly<Record<string, string>>;
  readonly hostname?: string;
  readonly entrypoint?: string;
  readonly command?: readonly string[];
  /** More words for `docker run`. */
  readonly flags?: readonly string[];
}

/** Runs a program to its end; a status other than 0 is a result, not an error. */
export async function run(words: readonly string[], stdin = ""): Promise<Output> {
  const child = Bun.spawn([...words], {
    stdin: Buffer.from(stdin),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, status] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  return { status, stdout, stderr };
}

/** Runs a program that must succeed; resolves to its trimmed standard output. */
export async function must(...words: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(words);
  if (status !== 0) throw new Error(`${words.join(" ")}: ${stderr || stdout}`);
  return stdout.trim();
}

/** Asks again until the answer is truthy, for at most `seconds`. */
export async function until<T>(what: string, ask: () => Promise<T>, seconds = 90): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const asked = performance.now();
    const answer = await ask();
    if (answer) return answer;
    const now = performance.now();
    if (now > deadline) throw new Error(`${what}: not within ${seconds} s`);
    // Asking with a program all the time would take the CPU from what is waited for.
    await Bun.sleep(Math.min(Math.max(20, 2 * (now - asked)), 300));
  }
}

export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "reyns-images-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export interface Network extends AsyncDisposable {
  readonly id: string;
  readonly name: string;
}

/**
 * Creates a network.
 *
 * @param subnet the Engine picks one unless it is given; called again while the subnet overlaps that of another network
 */
export async function createNetwork(subnet?: () => string): Promise<Network> {
  const name = `reyns-images-${crypto.randomUUID().slice(0, 8)}`;
  const words = ["docker", "network", "create", "--label", label];
  const create = (): Promise<Output> =>
    run([...words, ...(subnet ? ["--subnet", subnet()] : []), name]);
  let created = await create();
  for (let tries = 0; tries < 20 && created.stderr.includes("overlaps"); tries += 1)
    created = await create();
  if (created.status !== 0) throw new Error(`${name}: ${created.stderr}`);
  const id = created.stdout.trim();
  return {
    id,
    name,
    [Symbol.asyncDispose]: () => engineAnswer("DELETE", `/networks/${id}`),
  };
}

/** Starts a container in the background; disposing of it removes it. */
export async function startContainer(
  image: string,
  options: ContainerOptions = {},
): Promise<Container> {
  const { env = {}, mounts = {}, command = [] } = options;
  const words = ["docker", "run", "--detach", "--label", label, ...(options.flags ?? [])];
  for (const [name, value] of Object.entries(env)) words.push("--env", `${name}=${value}`);
  for (const [from, to] of Object.entries(mounts)) words.push("--volume", `${from}:${to}:ro`);
  if (options.hostname) words.push("--hostname", options.hostname);
  if (options.network) words.push("--network", options.network);
  if (options.address) words.push("--ip", options.address);
  if (options.network && options.hostname) words.push("--network-alias", options.hostname);
  if (options.entrypoint) words.push("--entrypoint", options.entrypoint);
  const id = await must(...words, image, ...command);
  return {
    id,
    address: await addressOf(id),
    exec: (...inside) => execInContainer(id, inside),
    logs: () => logsOf(id),
    wait: () => waitFor(id),
    [Symbol.asyncDispose]: async () =>
      engineAnswer("DELETE", `/containers/${id}?force=true&v=true`),
  };
}

/** Waits until a container has written a text. */
export async function untilLogged({ logs }: Container, text: string): Promise<void> {
  await until(`the line "${text}"`, async () => (await logs()).includes(text));
}

/** Pauses a container; the Engine cannot freeze one at a moment in which it starts a process. */
export async function pauseContainer(id: string): Promise<void> {
  await until("the pause", async () => {
    const answer = await askEngine("POST", `/containers/${id}/pause`);
    const text = await answer.text();
    if (!answer.ok && !text.includes("unable to freeze")) throw new Error(`pause ${id}: ${text}`);
    return answer.ok;
  });
}

async function addressOf(id: string): Promise<string> {
  const details = await inspectContainer<{
    NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
  }>(id);
  return Object.values(details?.NetworkSettings.Networks ?? {})
    .map(({ IPAddress }) => IPAddress)
    .join("");
}

async function waitFor(id: string): Promise<number> {
  const path = `/containers/${id}/wait`;
  return (await engineAnswer<{ StatusCode: number }>("POST", path)).StatusCode;
}
