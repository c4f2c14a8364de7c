import type { ArgsDef, CommandDef, ParsedArgs } from "citty";
import { withoutFreeKeys } from "./args/passthrough.ts";
import { parseArgs, type Args } from "./args/parse.ts";
import { splitWords, type Words } from "./args/tokenize.ts";
import { setQuiet, OutputClosed } from "../ui/output/print.ts";
import { isTracing, withTrace, recordSpan, writeTrace } from "../ui/trace/trace.ts";
import { ReynsError, ReynsErrors } from "../errors.ts";
import { callText } from "./args/redact-call.ts";
import { findCommand, unknownCommand } from "./find-command.ts";
import { commands } from "./registry.ts";

/** Runs the command that the words name. Returns the exit status of the process. */
export async function dispatch(argv: readonly string[]): Promise<number> {
  const words = splitWords(argv);
  recordSpan("phase", "start", performance.now());
  const name = isTracing ? `reyns ${callText(argv)}` : "";
  const call = (): Promise<number> => withTrace(name, () => run(words));
  const status = await reporting(wantsJson(words), call);
  // By now a document may have been printed: there is no other.
  const traceStatus = await reporting(false, () => writeTrace().then(() => 0));
  return status || traceStatus;
}

async function reporting(asJson: boolean, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OutputClosed) return 0;
    const { reportError } = await import("../ui/views/error-report.ts");
    return reportError(await atItsPlace(error), asJson);
  }
}

/** Errors of a plan know which key of the definition they mean, not yet where it stands. */
async function atItsPlace(error: unknown): Promise<unknown> {
  const errors = error instanceof ReynsErrors ? error.errors : [error];
  const known = errors.filter((one) => one instanceof ReynsError);
  if (known.every(({ at }) => at?.path === undefined)) return error;
  const { placed } = await import("../project/read.ts");
  const found = await placed(known);
  return found.length === 1 ? found[0] : new ReynsErrors(found);
}

async function run(words: Words): Promise<number> {
  const name = nameOf(words.command);
  if (words.words.some((word) => "key" in word && word.key === "help")) return help(name);
  const call = await withTrace(`load ${name}`, () => readCall(name, words));
  if (call.args["quiet"]) setQuiet();
  const result = await runCommand(call);
  return typeof result === "number" ? result : 0;
}

/** Its arguments are read already: citty, which would read them from words of its own, only says what they are. */
async function runCommand({ command, args, data }: ReadCall): Promise<unknown> {
  const parsed = { _: [], ...args } as unknown as ParsedArgs;
  return command.run?.({ rawArgs: [], args: parsed, cmd: command, data });
}

interface ReadCall {
  readonly command: CommandDef;
  readonly args: Args;
  /** Keys that are for somebody else. */
  readonly data: Readonly<Record<string, string>>;
}

/**
 * The words of a call, checked against what its command accepts.
 *
 * @throws ReynsErrors all that is wrong with them
 */
export async function readCall(name: string, words: Words): Promise<ReadCall> {
  const listed = commands[name];
  if (!listed) throw unknownCommand(name, commands);
  const command = await listed.load();
  const accepted = (command.args ?? {}) as ArgsDef;
  const [own, data] = listed.passesUnknownKeys ? withoutFreeKeys(words, accepted) : [words, {}];
  return { command, args: parseArgs(own, accepted, name), data };
}

async function help(name: string): Promise<number> {
  const command = await commands["help"]?.load();
  const args = name === "help" ? {} : { command: name };
  if (command) await runCommand({ command, args, data: {} });
  return 0;
}

function nameOf(word: string | undefined): string {
  if (word === undefined || word === "-h" || word === "--help") return "help";
  if (word === "--version" || word === "-v") return "version";
  return findCommand(word, commands);
}

/** Known before the words are checked: an error in them is also to be reported as JSON. */
function wantsJson({ words }: Words): boolean {
  return words.some((word) =>
    "key" in word
      ? ["json", "jsonout"].includes(word.key) && !/^(false|no|n|0)$/i.test(word.value ?? "")
      : word.text === "json",
  );
}
