import { expect, setDefaultTimeout, test } from "bun:test";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { cases } from "../support/random.ts";
import { seed } from "../support/seed.ts";
import { hostileProjects } from "./support/printed-folder.ts";
import { faultOf } from "./support/printed-fault.ts";

setDefaultTimeout(240_000);

interface Outcome {
  readonly statuses: Readonly<Record<string, number>>;
  readonly found: readonly unknown[];
}

const program = join(import.meta.dir, "support/printed.ts");
const callOf = (count: number, output: string, faults: string): string[] => [
  process.execPath,
  program,
  String(seed),
  String(count),
  output,
  faults,
];
const environmentIn = (top: string): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  HOME: join(top, "home"),
});

/** Makes random calls in projects whose folder and files are as hostile as their Engine. */
async function outcomeOf(count: number): Promise<Outcome> {
  await using projects = await hostileProjects();
  const { top } = projects;
  const [output, faults] = [join(top, "output"), join(top, "faults.json")];
  // One descriptor for both, so that the two append to one file.
  const descriptor = openSync(output, "a");
  const child = Bun.spawn(callOf(count, output, faults), {
    ...{ cwd: top, env: environmentIn(top) },
    ...{ stdin: "ignore", stdout: descriptor, stderr: descriptor },
  });
  const status = await child.exited;
  closeSync(descriptor);
  const end = (await Bun.file(output).text()).slice(-2000);
  expect({ status, end }).toEqual({ status: 0, end });
  return (await Bun.file(faults).json()) as Outcome;
}

test("no command prints what a terminal would obey, other than the text of a log into a file, whatever the Engine, the folder and its files contain", async () => {
  const { statuses, found } = await outcomeOf(cases(600));
  expect({ seed, found }).toEqual({ seed, found: [] });
  // Not all refused.
  expect({ seed, calls: statuses[0] }).toEqual({ seed, calls: expect.any(Number) });
});

/** How a person answers a prompt: says yes, chooses, types, says no, cancels. Ctrl-C would end the process that makes the calls. */
const answers = ["y\r", "\u001B[B\r", "10.0.0.1\r", "n\r", "abc\r", "\u001B[B\u001B[B\r", "\u001B"];

interface TerminalOutput {
  readonly argv: readonly string[];
  readonly text: string;
}

/** Makes random calls on a terminal, and answers what they ask. */
async function terminalOutputs(count: number): Promise<TerminalOutput[]> {
  await using projects = await hostileProjects();
  const { top } = projects;
  const decoder = new TextDecoder();
  let [all, answered, next] = ["", 0, 0];
  const ended = Promise.withResolvers<void>();
  const child = Bun.spawn(callOf(count, "terminal", join(top, "faults.json")), {
    cwd: top,
    env: { ...environmentIn(top), TERM: "xterm-256color" },
    terminal: {
      cols: 100,
      rows: 30,
      data: (terminal, bytes) => {
        all += decoder.decode(bytes, { stream: true });
        if (all.includes(mark(["end"]))) ended.resolve();
        // clack's mark of a prompt that waits.
        const prompt = all.lastIndexOf("\u25C6");
        if (prompt < answered) return;
        answered = all.length;
        setTimeout(() => {
          if (!terminal.closed) terminal.write(answers[next++ % answers.length] ?? "");
        }, 30);
      },
    },
  });
  const status = await child.exited;
  if (status === 0) await ended.promise;
  child.terminal?.close();
  expect({ status, end: all.slice(-2000) }).toEqual({ status: 0, end: all.slice(-2000) });
  const [, ...parts] = all.split(/\r?\n<<<(?=[\w+/=]+>>>)/);
  return parts.map((part) => {
    const [argv = "", text = ""] = part.split(/>>>(.*)/s);
    return { argv: JSON.parse(Buffer.from(argv, "base64").toString()) as string[], text };
  });
}

function mark(argv: readonly string[]): string {
  return `<<<${Buffer.from(JSON.stringify(argv)).toString("base64")}>>>`;
}

test("prompts and progress obey nobody but Reyns either, on a terminal", async () => {
  const outputs = await terminalOutputs(cases(60));
  const found = outputs.flatMap(({ argv, text }) => {
    const fault = faultOf(text, argv, true);
    return fault === undefined ? [] : [{ argv, fault, text: text.slice(0, 3000) }];
  });
  expect({ seed, found }).toEqual({ seed, found: [] });
});
