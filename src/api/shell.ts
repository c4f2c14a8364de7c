// zx's helpers with types of our own, so that editors need no package. In `createShellHelpers`, the
// compiler checks them against zx's own types.
import { isatty } from "node:tty";
import type * as zx from "zx";
import { createQuestion, type QuestionFunction } from "./question.ts";

/** The output of a command, and its exit status. */
export interface ProcessOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** `null` if a signal ended it. */
  readonly exitCode: number | null;
  /** True if the exit status is 0. */
  readonly ok: boolean;
  /** Standard output, unchanged. */
  text(): string;
  /** Standard output, line by line. */
  lines(): string[];
  /** Standard output, parsed as JSON. */
  json<Value = unknown>(): Value;
}

/**
 * A running command. Awaiting it returns its output.
 *
 * @throws ProcessOutput if the exit status is not 0, unless `nothrow()` was called
 * @see https://google.github.io/zx/process-promise
 * @example
 * const version = await $`git describe --always`.text();
 */
export interface ProcessPromise extends Promise<ProcessOutput> {
  /** Returns the result even if the exit status is not 0. */
  nothrow(): this;
  /** Does not show its output. */
  quiet(): this;
  /** Kills it after a time: `"10s"`, `"500ms"`, or milliseconds. */
  timeout(duration: Duration): this;
  /** Passes its standard output to another command. */
  pipe(pieces: TemplateStringsArray, ...values: unknown[]): ProcessPromise;
  /** Passes its standard output to another running command. */
  pipe<Next extends ProcessPromise>(next: Next): Next;
  /** Its standard output. */
  text(): Promise<string>;
  /** Its standard output, line by line. */
  lines(): Promise<string[]>;
  /** Its standard output, parsed as JSON. */
  json<Value = unknown>(): Promise<Value>;
}

/** `"10s"`, `"500ms"`, `"2m"`, or a number of milliseconds. */
export type Duration = number | `${number}m` | `${number}s` | `${number}ms`;

/** Options of `$({ … })`, which returns a `$` with these settings. */
export interface ShellOptions {
  /** Working directory of the commands. */
  cwd?: string;
  /** The complete environment of the commands. */
  env?: Record<string, string | undefined>;
  /** Standard input of the commands. */
  input?: string;
  /** Return the result even if the exit status is not 0. */
  nothrow?: boolean;
  /** Do not show the output. */
  quiet?: boolean;
  /** Show each command and its output. */
  verbose?: boolean;
  /** Kill commands after this time. */
  timeout?: Duration;
}

/** The function `$` and its settings. */
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
  /** Creates a folder and its parents. */
  ensureDir(path: string): Promise<unknown>;
  copy(from: string, to: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
  /** Removes a file or a folder with its content; does nothing if it does not exist. */
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

/** zx's helpers in the module "reyns"; the module "zx" has the same ones. */
export interface ShellHelpers {
  /**
   * Runs a command on this host. Each value is quoted as one argument, each item of a list as one of its own.
   *
   * @throws ProcessOutput if the exit status is not 0
   * @see https://google.github.io/zx/api
   * @example
   * const { stdout } = await $`git log --oneline -${count}`;
   * const here = $({ cwd: "services/web", nothrow: true });
   */
  $: Shell;
  /** Changes the current folder for the following commands. */
  cd(folder: string): void;
  /** Runs a function; its changes to `$` and to the current folder are undone at its end. */
  within<Result>(callback: () => Result): Result;
  /**
   * Prompts for a value on the terminal.
   *
   * @throws an error at once without a terminal, and in CI
   * @example
   * const dump = await question("Restore which one? ", { choices: await glob("dumps/*") });
   */
  question: QuestionFunction;
  /** Finds the files that match a pattern, such as `"migrations/*.sql"`. */
  glob(patterns: string | readonly string[]): Promise<string[]>;
  /** Finds the path of a program; throws if there is none, unless `nothrow` is set. */
  which(program: string): Promise<string>;
  which(program: string, options: { nothrow: true }): Promise<string | null>;
  /** Waits for a time: `"10s"`, `"500ms"`, or milliseconds. */
  sleep(duration: Duration): Promise<void>;
  /** Calls a function until it succeeds, at most `count` times, with a pause in between. */
  retry<Result>(count: number, callback: () => Result): Promise<Awaited<Result>>;
  retry<Result>(
    count: number,
    pause: Duration | Generator<number>,
    callback: () => Result,
  ): Promise<Awaited<Result>>;
  /** Pauses for `retry` that double each time, from `first` to `longest`. */
  expBackoff(longest?: Duration, first?: Duration): Generator<number, void, unknown>;
  /** Shows a spinner while a function runs, on a terminal only. */
  spinner<Result>(title: string, callback: () => Result | Promise<Result>): Promise<Result>;
  /** Writes a line to standard output. */
  echo(...values: unknown[]): void;
  /** Quotes a string as one argument of a shell command. */
  quote(text: string): string;
  /** Creates a temporary folder and returns its path. */
  tmpdir(): string;
  /** Reads and writes files of this host. */
  fs: Files;
  /** Splits and joins paths. */
  path: Paths;
  /** Facts about this host. */
  os: Host;
  /** Reads and writes YAML. */
  YAML: Yaml;
}

/** zx's helpers for a `reyns.ts`: questions and spinners need a terminal. */
export function createShellHelpers(zxModule: typeof zx, file: string): ShellHelpers {
  const { spinner } = zxModule;
  return {
    $: zxModule.$ as Shell,
    cd: zxModule.cd,
    within: zxModule.within,
    question: createQuestion(file),
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
