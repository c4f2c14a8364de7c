// What the parser makes of calls.
import type { ArgsDef } from "citty";
import { parseArgv } from "../../../src/cli/parse-argv.ts";
import { commands } from "../../../src/cli/registry.ts";
import { ReynsError } from "../../../src/errors.ts";
import { parseOptions } from "../../../src/cli/args/parse.ts";
import { runArgs } from "../../../src/cli/args/run.ts";
import { tokenize } from "../../../src/cli/args/tokenize.ts";

/** What a command takes. */
export async function argsOf(name: string): Promise<ArgsDef> {
  return (await commands[name]?.load())?.args as ArgsDef;
}

/** The only mistake of a call. */
export async function refusalOf(line: string): Promise<ReynsError> {
  const parsing = parseArgv(line.split(" "), commands);
  const error = await parsing.then(String, (thrown: unknown) => thrown);
  if (!(error instanceof ReynsError)) throw new Error(`${line}: ${String(error)}`);
  return error;
}

/** The options of a call that have a value. */
export async function optionsOf(argv: readonly string[], args: ArgsDef = runArgs): Promise<object> {
  const { options } = await parseOptions(tokenize(argv), { name: "run", args });
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** Arguments of a command that runs something in an instance. */
export const remoteArgs: ArgsDef = {
  service: { type: "positional", required: false },
  instance: { type: "positional", required: false },
  command: { type: "string" },
  json: { type: "boolean", alias: "jsonout" },
};
