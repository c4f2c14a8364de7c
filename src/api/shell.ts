// zx's helpers with types of our own, so that an editor needs no package to know them. What is assigned
// in `shellOf` is checked against zx's own types.
import { isatty } from "node:tty";
import type * as zx from "zx";
import { questionFrom, type Question } from "./question.ts";

/** What a command has written, and how it ended. */
export interface ProcessOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly ok: boolean;
  /** Standard output as it is. */
  text(): string;
  /** Standard output, line by line. */
  lines(): string[];
  /** Standard output, parsed. */
  json<Value = unknown>(): Value;
}

/**
 * A command that runs. Awaiting it gives its output; a status other than 0 is an error, unless `nothrow()` was called.
 *
 * @example
 * const version = await $`git describe --always`.text();
 */
export interface ProcessPromise extends Promise<ProcessOutput> {
  /** A status other than 0 is a result, not an error. */
  nothrow(): this;
  /** Nothing of it is shown. */
  quiet(): this;
  /** Ends it after a time: `"10s"`, `"500ms"`, or milliseconds. */
  timeout(duration: Duration): this;
  /** Passes its standard output to another command. */
  pipe(pieces: TemplateStringsArray, ...values: unknown[]): ProcessPromise;
  /** Passes its standard output to another command that runs. */
  pipe<Next extends ProcessPromise>(next: Next): Next;
  text(): Promise<string>;
  lines(): Promise<string[]>;
  json<Value = unknown>(): Promise<Value>;
}

/** `"10s"`, `"500ms"`, `"2m"`, or a number of milliseconds. */
export type Duration = number | `${number}m` | `${number}s` | `${number}ms`;

/** What `$({ … })` takes: a `$` with these settings. */
export interface ShellOptions {
  /** The folder in which commands run. */
  cwd?: string;
  /** The whole environment of the commands. */
  env?: Record<string, string | undefined>;
  /** What a command reads on its standard input. */
  input?: string;
  nothrow?: boolean;
  quiet?: boolean;
  /** Shows each command and what it writes. */
  verbose?: boolean;
  timeout?: Duration;
}

/** The function `$`, with what it is set to. */
export interface Shell {
  (pieces: TemplateStringsArray, ...values: unknown[]): ProcessPromise;
  (options: ShellOptions): Shell;
  cwd?: string;
  env: Record<string, string | undefined>;
  nothrow: boolean;
  quiet: boolean;
  verbose: boolean;
}

interface FileInfo {
  readonly size: number;
  readonly mtimeMs: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

/** Relative paths start at the current folder. */
interface Files {
  readFile(path: string, encoding: "utf8"): Promise<string>;
  readFileSync(path: string, encoding: "utf8"): string;
  writeFile(path: string, text: string): Promise<void>;
  appendFile(path: string, text: string): Promise<void>;
  readJson(path: string): Promise<unknown>;
  writeJson(path: string, value: unknown, options?: { spaces?: number }): Promise<void>;
  existsSync(path: string): boolean;
  pathExists(path: string): Promise<boolean>;
  readdir(path: string): Promise<string[]>;
  stat(path: string): Promise<FileInfo>;
  /** Makes a folder, and those above it. */
  ensureDir(path: string): Promise<unknown>;
  copy(from: string, to: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
  /** Removes a file or a whole folder; nothing there is no error. */
  remove(path: string): Promise<void>;
}

interface Paths {
  join(...parts: string[]): string;
  resolve(...parts: string[]): string;
  relative(from: string, to: string): string;
  dirname(path: string): string;
  basename(path: string, ending?: string): string;
  extname(path: string): string;
}

interface Host {
  hostname(): string;
  platform(): string;
  arch(): string;
  homedir(): string;
  tmpdir(): string;
  totalmem(): number;
}

interface Yaml {
  parse(text: string): unknown;
  stringify(value: unknown): string;
}

/** What the module "reyns" offers of zx, and the module "zx" in the executable. */
export interface ShellHelpers {
  /**
   * Runs a command of this host. What is put into it is quoted as one word; a list, as several.
   *
   * @throws ProcessOutput when the command ends with another status than 0
   * @example
   * const { stdout } = await $`git log --oneline -${count}`;
   * const here = $({ cwd: "services/web", nothrow: true });
   */
  $: Shell;
  /** Changes the current folder, for what comes after it. */
  cd(folder: string): void;
  /** Runs a function whose changes to `$` and to the folder end with it. */
  within<Result>(callback: () => Result): Result;
  /**
   * Asks whoever runs it, on the terminal.
   *
   * @throws an error at once where nobody can answer: without a terminal, or in a CI
   * @example
   * const dump = await question("Restore which one? ", { choices: await glob("dumps/*") });
   */
  question: Question;
  /** Names of the files that match a pattern, such as `"migrations/*.sql"`. */
  glob(patterns: string | readonly string[]): Promise<string[]>;
  /** The path of a program; an error when it is not there, unless `nothrow`. */
  which(program: string): Promise<string>;
  which(program: string, options: { nothrow: true }): Promise<string | null>;
  /** Waits for a time. */
  sleep(duration: Duration): Promise<void>;
  /** Calls a function until it does not fail, at most so many times, with a pause between. */
  retry<Result>(count: number, callback: () => Result): Promise<Awaited<Result>>;
  retry<Result>(
    count: number,
    pause: Duration | Generator<number>,
    callback: () => Result,
  ): Promise<Awaited<Result>>;
  /** Pauses for `retry` that double each time. */
  expBackoff(longest?: Duration, first?: Duration): Generator<number, void, unknown>;
  /** Shows that something is going on while a function runs; on a terminal only. */
  spinner<Result>(title: string, callback: () => Result | Promise<Result>): Promise<Result>;
  /** Writes a line to standard output. */
  echo(...values: unknown[]): void;
  /** A text as one word of a shell's command. */
  quote(text: string): string;
  /** Makes a folder for temporary files, and gives its path. */
  tmpdir(): string;
  /** Reads and writes files of this host. */
  fs: Files;
  /** Takes paths apart, and puts them together. */
  path: Paths;
  /** What this host is. */
  os: Host;
  /** Reads and writes YAML. */
  YAML: Yaml;
}

/** zx's helpers as a `reyns.ts` gets them: a question or a spinner needs somebody who sees it. */
export function shellOf(zxModule: typeof zx, file: string): ShellHelpers {
  const { spinner } = zxModule;
  return {
    $: zxModule.$ as Shell,
    cd: zxModule.cd,
    within: zxModule.within,
    question: questionFrom(file),
    glob: (patterns) => zxModule.glob(patterns),
    which: ((program: string, options: { nothrow?: boolean } = {}) =>
      options.nothrow
        ? zxModule.which(program, { nothrow: true })
        : zxModule.which(program)) as ShellHelpers["which"],
    sleep: zxModule.sleep,
    retry: zxModule.retry as ShellHelpers["retry"],
    expBackoff: zxModule.expBackoff,
    spinner: async (title, callback) => (isatty(2) ? spinner(title, callback) : callback()),
    echo: zxModule.echo,
    quote: zxModule.quote,
    tmpdir: () => zxModule.tmpdir(),
    fs: zxModule.fs,
    path: zxModule.path,
    os: zxModule.os,
    YAML: zxModule.YAML,
  };
}
