// What the parser makes of calls.
import type { ArgsDef } from "citty";
import { parseArgv } from "../../../src/cli/parse-argv.ts";
import { commands } from "../../../src/cli/registry.ts";
import { ReynsError } from "../../../src/errors.ts";

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
