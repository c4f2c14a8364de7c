import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must, type Output } from "../../engine/support/images-container.ts";

const repository = join(import.meta.dir, "../../..");
const installer = await Bun.file(join(repository, "scripts/install.sh")).text();

/** A user who has nothing yet but an empty folder. */
export interface Home extends AsyncDisposable {
  readonly folder: string;
  /** Calls the installer as `curl … | sh -s -- WORDS` does. */
  install(words?: readonly string[], options?: InstallOptions): Promise<Output>;
  /** Calls an executable as the user does; WORDS are separated by spaces. */
  call(executable: string, words: string): Promise<Output>;
  read(name: string): Promise<string>;
  has(name: string): boolean;
  /** Names of all its files, sorted. */
  files(): Promise<string[]>;
  receipt(): Promise<Record<string, unknown>>;
}

export interface InstallOptions {
  /** The shell that reads the script; the system's `sh` unless given. */
  readonly shell?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly script?: string;
  /** Commands that are found before the usual ones: name -> what stands in the file. */
  readonly commands?: Readonly<Record<string, string>>;
}

export const receiptFile = ".local/share/reyns/receipt.json";

/** @param name of the folder, that of the user */
export async function createHome(name = "user"): Promise<Home> {
  const outer = await realpath(await mkdtemp(join(tmpdir(), "reyns-home-")));
  const folder = join(outer, name);
  await mkdir(folder);
  const read = (file: string): Promise<string> => readFile(join(folder, file), "utf8");
  return {
    folder,
    read,
    has: (file) => existsSync(join(folder, file)),
    install: (words, options) => runInstaller(folder, outer, words, options),
    call: (executable, words) => {
      const env = { HOME: folder, PATH: "/usr/bin:/bin", LANG: "C.UTF-8" };
      const child = Bun.spawn([executable, ...words.split(" ")], {
        cwd: folder,
        env,
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
      return outputOf(child);
    },
    files: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .toSorted();
    },
    receipt: async () => JSON.parse(await read(receiptFile)) as Record<string, unknown>,
    [Symbol.asyncDispose]: () => rm(outer, { recursive: true, force: true }),
  };
}

async function runInstaller(
  folder: string,
  outer: string,
  words: readonly string[] = [],
  { shell = ["sh"], env = {}, script = installer, commands = {} }: InstallOptions = {},
): Promise<Output> {
  const bin = join(outer, "bin");
  await rm(bin, { recursive: true, force: true });
  for (const [name, text] of Object.entries(commands)) {
    await Bun.write(join(bin, name), text);
    await chmod(join(bin, name), 0o755);
  }
  const path = env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
  const child = Bun.spawn([...shell, "-s", "--", ...words], {
    cwd: folder,
    env: { HOME: folder, LANG: "C.UTF-8", SHELL: "/bin/bash", ...env, PATH: `${bin}:${path}` },
    stdin: Buffer.from(script),
    stdout: "pipe",
    stderr: "pipe",
  });
  return outputOf(child);
}

async function outputOf(child: Bun.ReadableSubprocess): Promise<Output> {
  const ended = [child.stdout.text(), child.stderr.text(), child.exited] as const;
  const [stdout, stderr, status] = await Promise.all(ended);
  return { status, stdout, stderr };
}

/** A folder with nothing but BusyBox under the names of its tools. */
export async function busyboxTools(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "reyns-busybox-"));
  const busybox = Bun.which("busybox") ?? "";
  for (const name of (await must(busybox, "--list")).split("\n"))
    await symlink(busybox, join(path, name));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
