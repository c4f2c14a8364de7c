import type { ParsedArgs } from "citty";
import { ReynsError, ReynsErrors } from "../errors.ts";
import { OutputClosed, wasPartial } from "../ui/output/print.ts";
import { isTracing, recordSpan, withTrace, writeTrace } from "../ui/trace/trace.ts";
import { redactCall } from "./args/redact-call.ts";
import type { CallOptions } from "./args/parse.ts";
import type { Token } from "./args/tokenize.ts";
import { hasJsonKey, listNames, parseArgv, wantsJson } from "./parse-argv.ts";
import { commands } from "./registry.ts";

/** Runs the command of a command line. Returns the exit status of the process. */
export async function dispatch(argv: readonly string[]): Promise<number> {
  recordSpan("phase", "start", performance.now());
  const label = isTracing ? `reyns ${redactCall(argv)}` : "";
  const asked = { json: wantsJson(argv) };
  const status = await withErrorReport(asked, () => withTrace(label, () => run(argv, asked)));
  // Never as JSON: the command may have printed its document by now.
  const traceStatus = await withErrorReport({ json: false }, () => writeTrace().then(() => 0));
  return status || traceStatus;
}

interface Asked {
  /** Errors are reported as JSON. */
  json: boolean;
}

async function run(given: readonly string[], asked: Asked): Promise<number> {
  const argv = hasGlobalOption(given)
    ? await (await import("./compose-globals.ts")).takeGlobalOptions(given, process.env)
    : given;
  const taken = given.slice(0, given.length - argv.length);
  await repeatOptions(taken);
  try {
    return await runCommand(argv, asked, taken);
  } catch (error) {
    if (!isAboutService(error)) throw error;
    const { withCallHints } = await import("./call-hints.ts");
    throw await withCallHints(error, { argv, taken }, commands, listNames);
  }
}

/** Whether an option comes before the command, as Compose takes them: other than `--help` and `--version`. */
function hasGlobalOption([first = ""]: readonly string[]): boolean {
  return /^-(?!(h|v|-help|-version)$)/.test(first);
}

const aboutService = new Set([
  "MISSING_ARGUMENT",
  "UNKNOWN_INSTANCE",
  "UNEXPECTED_ARGUMENT",
  "UNKNOWN_SERVICE",
]);

/** Whether a hint that names this project's services may help. */
function isAboutService(error: unknown): boolean {
  const errors = error instanceof ReynsErrors ? error.errors : [error];
  return errors.some((each) => each instanceof ReynsError && aboutService.has(each.code));
}

/** @param taken Compose's options before the command */
async function runCommand(
  argv: readonly string[],
  asked: Asked,
  taken: readonly string[],
): Promise<number> {
  const resolve = (tokens: readonly Token[]): void => void (asked.json = hasJsonKey(tokens));
  const call = await withTrace("load the command", () => parseArgv(argv, commands, resolve, taken));
  const { command, options, passthrough, followedBy, chosen } = call;
  await repeatOptions(chosen);
  if (options["quiet"]) (await import("../ui/output/log.ts")).setQuiet();
  // Whatever locates the project reads it, and so does a program that the definition calls.
  if (typeof options["copy"] === "string")
    process.env[(await import("../project/copies.ts")).copyVariable] = options["copy"];
  const isChange = Object.hasOwn(command.args ?? {}, "partial");
  if (isChange || options["node"] !== undefined) await selectNodes(options, isChange);
  const args = { _: [], ...options } as unknown as ParsedArgs;
  const result = await command.run?.({ rawArgs: [], args, cmd: command, data: passthrough });
  const status = typeof result === "number" ? result : 0;
  if (status === 0 && followedBy !== undefined) {
    const { log } = await import("../ui/output/log.ts");
    log.info(`running in the background; to follow the output: ${followedBy}`);
  }
  return status || Number(wasPartial());
}

/** Calls in notes and hints are about the same project. */
async function repeatOptions(chosen: readonly string[] = []): Promise<void> {
  if (chosen.length === 0) return;
  const { setCallOptions } = await import("../ui/output/log.ts");
  setCallOptions(chosen);
}

/** Whatever connects to the Engines reads it. */
async function selectNodes(
  { node, partial }: CallOptions["options"],
  isChange: boolean,
): Promise<void> {
  const { nodeVariable, partialVariable } = await import("../project/locate.ts");
  if (typeof node === "string") process.env[nodeVariable] = node;
  if (isChange) process.env[partialVariable] = String(partial ?? false);
}

async function withErrorReport(asked: Asked, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OutputClosed) return 0;
    const { reportError } = await import("../ui/views/error-report.ts");
    return reportError(await withLocation(error), asked.json);
  }
}

/** Resolves the paths in errors of a plan, such as `["links", 2]`, to lines and columns of the definition. */
async function withLocation(error: unknown): Promise<unknown> {
  const errors = error instanceof ReynsErrors ? error.errors : [error];
  const known = errors.filter((candidate) => candidate instanceof ReynsError);
  if (known.every(({ at }) => at?.path === undefined)) return error;
  const { sortErrors } = await import("../project/read.ts");
  const located = await sortErrors(known);
  return located.length === 1 ? located[0] : new ReynsErrors(located);
}
