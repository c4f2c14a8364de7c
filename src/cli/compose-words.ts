import type { Token, TokenizedCall } from "./args/tokenize.ts";

/** Docker Compose's commands that are accepted, with the command that each of them means here. */
const aliases: Readonly<Record<string, string>> = {
  up: "run",
  down: "clean",
  exec: "shell",
  rm: "clean",
  top: "status",
};

/** Those that mean everything where no service is named. */
const wholeProject = new Set(["up", "down"]);

/** Compose's flags that change nothing here: `up` returns when everything is ready, and leaves it running. */
const ignoredFlags: Readonly<Record<string, readonly string[]>> = {
  up: ["d", "detach", "remove-orphans"],
};

/**
 * A call in Docker Compose's words as the call that it means.
 *
 * @example
 * translateCompose(tokenize(["up", "-d"])) // run all
 */
export function translateCompose(call: TokenizedCall): TokenizedCall {
  const { command = "", tokens } = call;
  const meant = Object.hasOwn(aliases, command) ? aliases[command] : undefined;
  if (meant === undefined) return call;
  const ignored = ignoredFlags[command] ?? [];
  const kept = tokens.filter(({ key = "" }) => !ignored.includes(key));
  const prunes = command === "up" && tokens.some(({ key }) => key === "remove-orphans");
  const prune: Token[] = prunes ? [{ text: "prune=true", key: "prune", value: "true" }] : [];
  const isNamed = kept.some(({ key }) => key === undefined || ["group", "conf"].includes(key));
  const all: Token[] = wholeProject.has(command) && !isNamed ? [{ text: "all" }] : [];
  return { ...call, command: meant, tokens: [...all, ...kept, ...prune] };
}
