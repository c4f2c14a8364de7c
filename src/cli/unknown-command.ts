import { ReynsError } from "../errors.ts";
import { acceptedHint } from "../lib/suggest.ts";
import { commands } from "./registry.ts";

/** What people type who come from Docker Compose. */
const composeWords: Readonly<Record<string, string>> = {
  attach: "shell SERVICE INSTANCE",
  config: "check, and reyns graph",
  down: "clean all",
  exec: "shell SERVICE INSTANCE -- COMMAND",
  kill: "stop SERVICE INSTANCE",
  ls: "ps",
  port: "ps",
  pull: "run, which pulls what is not there",
  restart: "rerun SERVICE INSTANCE",
  rm: "clean SERVICE INSTANCE",
  top: "status",
  up: "run all",
};

/** The error for a word that is no command: what it is called here, or the nearest of those there are. */
export function unknownCommand(word: string): ReynsError {
  const meant = Object.hasOwn(composeWords, word) ? composeWords[word] : undefined;
  const names = Object.entries(commands).flatMap(([name, { hidden }]) => (hidden ? [] : name));
  const hint =
    meant === undefined
      ? acceptedHint(word, names)
      : `what Compose calls ${word} is here: reyns ${meant}`;
  return new ReynsError("UNKNOWN_COMMAND", `unknown command "${word}"`, { hint });
}
