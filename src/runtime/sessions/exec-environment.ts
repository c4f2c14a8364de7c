import type { Engine } from "../../docker/client/engine.ts";
import { inspectContainer } from "../../docker/containers/containers.ts";
import { hasPath, readRegularFile } from "../../docker/containers/copy.ts";
import { isShellName, shellQuote } from "../../lib/shell-quote.ts";
import { secretsFolder } from "../../model/container-files.ts";
import { labels } from "../../model/labels.ts";
import { variablesWithoutShellName } from "../secrets.ts";

/** What is executed in a container: a command line for a shell, or a program with its arguments. */
export interface ExecCommand {
  readonly command: readonly string[];
  /** The container's secrets as `NAME=VALUE`: the Engine cannot add them. */
  readonly env: readonly string[];
}

/**
 * Prepares a command so that it gets the whole environment of its container: secrets, and variables whose names a shell
 * drops.
 *
 * @param command words; `["/bin/sh", "-c", LINE]` for a command line
 * @param prologue commands before a command line, with a `;` at their end
 */
export async function prepareExec(
  engine: Engine,
  id: string,
  command: readonly string[],
  prologue = "",
): Promise<ExecCommand> {
  const details = await inspectContainer(engine, id);
  const env = await readSecrets(engine, id, details?.labels[labels.secrets] ?? "");
  const line = lineOf(command);
  if (line === undefined) return { command, env };
  const lost = variablesWithoutShellName(details?.env ?? {}).map((variable) => variable.join("="));
  const [shell, passed] =
    lost.length === 0 ? ["/bin/sh", line] : await keep(engine, id, line, lost);
  return { command: [shell, "-c", prologue + passed], env };
}

function lineOf(command: readonly string[]): string | undefined {
  const [program, option, line] = command;
  return program === "/bin/sh" && option === "-c" && command.length === 3 ? line : undefined;
}

/** bash passes on the variables that sh drops; `env` restores them for a single program. */
async function keep(
  engine: Engine,
  id: string,
  line: string,
  lost: readonly string[],
): Promise<readonly [shell: string, line: string]> {
  if (await hasPath(engine, id, "/bin/bash")) return ["/bin/bash", line];
  const isProgram = !/[;&|(){}`\n#]/.test(line) && !builtins.test(line);
  if (!isProgram || !(await hasPath(engine, id, "/usr/bin/env"))) return ["/bin/sh", line];
  return ["/bin/sh", `exec /usr/bin/env ${lost.map(shellQuote).join(" ")} ${line}`];
}

/** Begins with something other than a program: a builtin or a keyword of the shell, an assignment, a redirection. */
const builtins =
  /^\s*(?:$|[<>!]|[.:]\s|\S*[=$'"\\]|(?:alias|cd|command|eval|exec|exit|export|hash|if|jobs|read|readonly|return|set|shift|source|times|trap|type|ulimit|umask|unset|wait|while|for|case|until)\b)/;

const maxSecretBytes = 1024 * 1024;

/**
 * Reads the secrets back out of the container. Its root can put anything into the folder, so only the names that it was
 * created with count, and only regular files of a reasonable size.
 */
async function readSecrets(engine: Engine, id: string, names: string): Promise<string[]> {
  const variables = await Promise.all(
    names
      .split(",")
      .filter(isShellName)
      .map(async (name) => {
        const path = `${secretsFolder}/${name}`;
        const content = await readRegularFile(engine, id, path, maxSecretBytes);
        return content && !content.includes(0) ? [`${name}=${content.toString()}`] : [];
      }),
  );
  return variables.flat();
}
