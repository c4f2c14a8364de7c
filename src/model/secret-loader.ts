import { secretsFolder } from "./container-files.ts";

export const shell = "/bin/sh";
/** Exports the secrets of a container and executes the command behind it. */
export const secretLoader = `${secretsFolder}/.run`;

/** A health check that runs with the secrets; undefined where there is none. */
export function wrapHealthTest([kind, ...args]: readonly string[]): readonly string[] | undefined {
  if (kind === "CMD") return ["CMD", shell, secretLoader, ...args];
  if (kind === "CMD-SHELL") return ["CMD", shell, secretLoader, shell, "-c", ...args];
  return undefined;
}

/** A health check as it was before it was wrapped. */
export function unwrapHealthTest([kind = "", ...args]: readonly string[]): readonly string[] {
  const command = unwrapCommand(args);
  if (kind === "" || command.length === args.length) return kind === "" ? [] : [kind, ...args];
  const [program, option, ...line] = command;
  const isLine = program === shell && option === "-c" && line.length === 1;
  return isLine ? ["CMD-SHELL", ...line] : [kind, ...command];
}

/** A command without the script that hands it the secrets. */
export function unwrapCommand(command: readonly string[]): readonly string[] {
  return command[0] === shell && command[1] === secretLoader ? command.slice(2) : command;
}
