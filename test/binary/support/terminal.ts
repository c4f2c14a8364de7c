import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { must, until } from "../../engine/support/images-container.ts";
import { installation } from "./reyns.ts";

/** A shell in a real terminal, as a person sees it. */
export interface Terminal extends AsyncDisposable {
  /** Types a line and presses Enter. */
  type(line: string): Promise<void>;
  /** Presses keys, by tmux's names: "Enter", "Down", "C-c", "y". */
  press(...keys: string[]): Promise<void>;
  /** All lines so far, as they stand there. */
  screen(): Promise<string>;
  /** The same with the sequences for colours. */
  coloured(): Promise<string>;
  /** Waits until the screen holds a text; resolves to the screen. */
  see(text: string | RegExp, seconds?: number): Promise<string>;
  /** Types a line and waits until its command has ended with a status; resolves to the lines between. */
  run(line: string, status?: number): Promise<string>;
  /** Every byte that was written to it. */
  bytes(): Promise<string>;
}

interface Settings {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
  /** What shows that the shell is ready, where the environment gives it another prompt. */
  readonly prompt?: RegExp;
  /** Words before the shell: those that put it into another network. */
  readonly inside?: readonly string[];
  /** Another shell than `sh`. */
  readonly shell?: readonly string[];
}

/** Opens a terminal, of 80 columns and 50 lines unless given, with a shell in a folder. Its prompt shows the last status: "[0]$ ". */
export async function openTerminal({
  folder,
  env = {},
  columns = 80,
  rows = 50,
  prompt = /\]\$$/,
  inside = [],
  shell = ["sh"],
}: Settings): Promise<Terminal> {
  const { env: usual } = await installation();
  const own = await mkdtemp(join(tmpdir(), "reyns-terminal-"));
  const record = join(own, "bytes");
  // tmux's own process would make it some time later.
  await Bun.write(record, "");
  const tmux = (...words: string[]): Promise<string> =>
    must("tmux", "-S", join(own, "socket"), "-f", "/dev/null", ...words);
  const variables = { ...usual, PS1: "[$?]$ ", TERM: "screen-256color", ...env };
  const assigned = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
  const size = ["-x", String(columns), "-y", String(rows)];
  await tmux(
    "new-session",
    "-d",
    ...size,
    "-c",
    folder,
    ...inside,
    "env",
    "-i",
    ...assigned,
    ...shell,
  );
  await tmux("pipe-pane", "-o", `cat >> ${record}`);
  const screen = async (): Promise<string> =>
    (await tmux("capture-pane", "-p", "-S", "-")).trimEnd();
  const see = (text: string | RegExp, seconds = 90): Promise<string> => seen(screen, text, seconds);
  const type = async (line: string): Promise<void> => {
    await tmux("send-keys", "-l", line);
    await tmux("send-keys", "Enter");
  };
  await see(prompt);
  return {
    type,
    screen,
    coloured: () => tmux("capture-pane", "-p", "-e", "-S", "-"),
    see,
    press: async (...keys) => void (await tmux("send-keys", ...keys)),
    run: async (line, status = 0) => {
      await tmux("send-keys", "-R");
      await tmux("clear-history");
      await type(line);
      const text = await see(/\n\[\d+\]\$$/, 240);
      const lines = text.split("\n");
      if (lines.at(-1) !== `[${status}]$`)
        throw new Error(`${line}: not status ${status}\n${text}`);
      return lines.slice(1, -1).join("\n");
    },
    bytes: () => recorded(record, screen),
    [Symbol.asyncDispose]: async () => {
      await tmux("kill-server");
      await rm(own, { recursive: true, force: true });
    },
  };
}

/** What stands on the screen is recorded by a process of its own, some time later; the first prompt may be too early. */
async function recorded(file: string, screen: () => Promise<string>): Promise<string> {
  const last = (await screen()).split("\n").at(-1) ?? "";
  let bytes = "";
  const isThere = async (): Promise<boolean> => {
    bytes = await Bun.file(file).text();
    return stripVTControlCharacters(bytes).trimEnd().endsWith(last);
  };
  await until(`"${last}" in the record`, isThere, 3).catch(() => {});
  return bytes;
}

async function seen(
  screen: () => Promise<string>,
  text: string | RegExp,
  seconds: number,
): Promise<string> {
  let last = "";
  const holds = async (): Promise<boolean> => {
    last = await screen();
    return typeof text === "string" ? last.includes(text) : text.test(last);
  };
  await until(`"${text}" on the screen`, holds, seconds).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}; it shows:\n${last}`);
  });
  return last;
}
