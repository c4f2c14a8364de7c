import { parseArgsStringToArgv } from "string-argv";
import { splitWords } from "../../../src/cli/args/tokenize.ts";
import { readCall } from "../../../src/cli/dispatch.ts";
import { findCommand } from "../../../src/cli/find-command.ts";
import { commands } from "../../../src/cli/registry.ts";

/**
 * The arguments of each call of reyns in a line of a shell, also of those inside `$(…)`; without variables set before
 * it, redirections, and a comment.
 */
export function callsIn(line: string): string[][] {
  const plain = line.replace(/(^|\s)#.*$/, "").trim();
  const inner = [...plain.matchAll(/\$\(([^)]*)\)/g)].flatMap(([, text = ""]) => callsIn(text));
  const outer = plain.replaceAll(/\$\([^)]*\)/g, "X");
  return [...inner, ...commandsIn(outer).flatMap(argumentsOf)];
}

/** Split at what separates commands, outside of quotes. */
function commandsIn(line: string): string[] {
  const parts = line.match(/(?:"[^"]*"|'[^']*'|[^;&|"'])+/g) ?? [];
  return parts.map((part) => part.trim());
}

function argumentsOf(command: string): string[][] {
  const words = parseArgsStringToArgv(command.replace(/\s\d?>.*$/, ""));
  const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  const at = words.indexOf("reyns", first);
  const isCalled = at === first || ["watch", "sudo", "time"].includes(words[first] ?? "");
  return at < 0 || !isCalled ? [] : [words.slice(at + 1)];
}

/** What is wrong with a call, by the grammar that the executable itself uses; undefined when nothing is. */
export async function mistakeIn(argv: readonly string[]): Promise<string | undefined> {
  const words = splitWords(argv);
  const { command = "help" } = words;
  if (words.words.some((word) => "key" in word && word.key === "help")) return undefined;
  try {
    await readCall(command.startsWith("-") ? "help" : findCommand(command, commands), words);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}
