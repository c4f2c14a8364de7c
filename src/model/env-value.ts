import type { EnvValue } from "./project.ts";

/** Names that every shell sets: their values mean nothing to a container. */
const shellVariables =
  /^(?:HOME|PATH|PWD|OLDPWD|SHELL|SHLVL|USER|LOGNAME|LANG|LANGUAGE|LC_[A-Z]+|TERM|HOSTNAME|_)$/;

/** Whether every shell has a variable of this name. */
export function isShellVariable(name: string): boolean {
  return shellVariables.test(name);
}

/**
 * A value as the older tools read it: a default, which the caller's environment and `host.conf` override. As it looks like
 * a plain value, that is worth a warning.
 */
export function overridable(name: string, text: string): EnvValue {
  if (isShellVariable(name)) return { kind: "text", text };
  return { kind: "variable", name, text, looksFixed: true };
}
