import { parseArgsStringToArgv } from "string-argv";
import { splitGlobalOptions } from "../../../src/cli/compose-globals.ts";
import { parseArgv } from "../../../src/cli/parse-argv.ts";
import { commands } from "../../../src/cli/registry.ts";

/**
 * The arguments of each reyns call in a shell line, including those inside `$(…)`, without variable assignments,
 * redirections and comments.
 */
export function callsIn(line: string): string[][] {
  const plain = line.replace(/(^|\s)#.*$/, "").trim();
  const inner = [...plain.matchAll(/\$\(([^)]*)\)/g)].flatMap(([, text = ""]) => callsIn(text));
  const outer = plain.replaceAll(/\$\([^)]*\)/g, "X");
  return [...inner, ...commandsIn(outer).flatMap(argumentsOf)];
}

/** Splits at separators of commands that are not in quotes. */
function commandsIn(line: string): string[] {
  const parts = line.match(/(?:"[^"]*"|'[^']*'|[^;&|"'])+/g) ?? [];
  return parts.map((part) => part.trim());
}

function argumentsOf(command: string): string[][] {
  const words = parseArgsStringToArgv(command.replace(/\s(?:\d?>|<\s).*$/, ""));
  const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  const at = words.indexOf("reyns", first);
  const isCalled = at === first || ["watch", "sudo", "time"].includes(words[first] ?? "");
  return at < 0 || !isCalled ? [] : [words.slice(at + 1)];
}

/** The mistakes in a call, found by the executable's own parser; undefined if there are none. */
export async function mistakeIn(argv: readonly string[]): Promise<string | undefined> {
  try {
    await parseArgv(splitGlobalOptions(argv).rest, commands);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}
