import { copyFile, link, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Output } from "../../engine/support/images-container.ts";

/** What a user has besides the executable: ssh, and what a shell is used for. No bun, no node, no docker. */
const tools = ["ssh", "ssh-agent", "ssh-add", "sh", "bash", "env", "ls", "cat", "stty", "hostname"];

export interface Installation {
  readonly folder: string;
  readonly executable: string;
  /** The environment of a user: nothing of the test's own. */
  readonly env: Readonly<Record<string, string>>;
}

let installing: Promise<Installation> | undefined;

/** Puts the executable where nothing of the repository is; once for all tests. */
export function installation(): Promise<Installation> {
  installing ??= install();
  return installing;
}

/** Called when the tests of a file have ended; the next file may run in the same process. */
export async function removeInstallation(): Promise<void> {
  const made = installing;
  installing = undefined;
  if (made) await rm((await made).folder, { recursive: true, force: true });
}

async function install(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-installed-"));
  const [bin, home] = [join(folder, "bin"), join(folder, "home")];
  await Promise.all([mkdir(bin), mkdir(home)]);
  const executable = join(bin, "reyns");
  const built = join(dirname(dirname(dirname(import.meta.dir))), "dist/reyns");
  // A link is the same file by another name; a copy of so large a one is slow.
  await link(built, executable).catch(() => copyFile(built, executable));
  for (const tool of tools) await symlink(Bun.which(tool) ?? "", join(bin, tool));
  return { folder, executable, env: { PATH: bin, HOME: home, LANG: "C.UTF-8" } };
}

export interface CallOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Ends with this text; empty unless given. */
  readonly stdin?: string;
  /** Words before the executable: those that put it into another network. */
  readonly inside?: readonly string[];
  /** Leaves the lines about what takes longer than a second in standard error. */
  readonly withProgress?: boolean;
}

/** A call that may be going on. */
export interface Call {
  readonly output: Promise<Output>;
  /** What it has written so far, on both of its streams. */
  written(): string;
  readonly pid: number;
  /** As the terminal does on Ctrl-C. */
  interrupt(): void;
  kill(signal: "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGKILL"): void;
}

/**
 * Calls the executable without a terminal.
 *
 * @param line the words as they are typed after "reyns", or a list where one has a space in it
 */
export async function call(
  folder: string,
  line: string | readonly string[],
  { env = {}, stdin = "", inside = [], withProgress = false }: CallOptions = {},
): Promise<Call> {
  const { executable, env: usual } = await installation();
  const words = typeof line === "string" ? line.split(" ") : line;
  const child = Bun.spawn([...inside, executable, ...words], {
    cwd: folder,
    env: { ...usual, ...env },
    stdin: Buffer.from(stdin),
    stdout: "pipe",
    stderr: "pipe",
  });
  const texts = ["", ""];
  const read = async (stream: ReadableStream<Uint8Array>, index: number): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const bytes of stream) texts[index] += decoder.decode(bytes, { stream: true });
  };
  const ended = Promise.all([child.exited, read(child.stdout, 0), read(child.stderr, 1)]);
  return {
    output: ended.then(([status]) => {
      const [stdout = "", stderr = ""] = texts;
      return { status, stdout, stderr: withProgress ? stderr : withoutProgress(stderr) };
    }),
    written: () => texts.join(""),
    pid: child.pid,
    interrupt: () => child.kill("SIGINT"),
    kill: (signal) => child.kill(signal),
  };
}

const elapsed = String.raw` {2}(?:\d+m )?[\d.]+s(?: of \d+s)?\n`;
const progressLines = [
  // Who keeps a call waiting is no progress.
  new RegExp(String.raw`^ {2}(?!waiting for "reyns )\S.*${elapsed}`, "gm"),
  /^ {2}and \d+ more running\n/gm,
];

/** Standard error without the lines that only a step of more than a second has: any step has, on a busy machine. */
export function withoutProgress(stderr: string): string {
  return progressLines.reduce((text, lines) => text.replace(lines, ""), stderr);
}

/** Calls the executable and waits until it has ended, whatever its status. */
export async function reyns(
  folder: string,
  line: string | readonly string[],
  options?: CallOptions,
): Promise<Output> {
  return (await call(folder, line, options)).output;
}
