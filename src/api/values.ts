import { isRecord } from "../lib/is-record.ts";
import type { EnvValue } from "../model/project.ts";

/**
 * The IPv4 address of a network interface of this host, as a value of `env`.
 *
 * @param name such as `"eth0"`; a missing interface is an error before anything starts
 * @example
 * dns({ env: { SERVICE_IP: fromInterface("eth0") } });
 */
export function fromInterface(name: string): string {
  return `from_${name}`;
}

/**
 * A value of `env` with a default: the caller's environment and `host.conf` win over it. A plain string is always the
 * value, whatever the environment says.
 *
 * @param name the variable to look for
 * @param fallback the value when nothing sets it
 * @example
 * service("web", { env: { LOG_LEVEL: variable("LOG_LEVEL", "info") } });
 */
export function variable(name: string, fallback: string | number | boolean): EnvValue {
  // What is not one is reported with the instance: files may be loaded without a type check.
  const isPlain = ["string", "number", "boolean"].includes(typeof fallback);
  const text = isPlain ? String(fallback) : (fallback as string);
  return { kind: "variable", name, text };
}

/**
 * A value of `env` or `secrets` that is supplied at run time: from the environment or `host.conf`, else prompted for on a terminal.
 * Without a terminal, a missing value is an error before anything starts.
 *
 * @param options `secret`: hides the input and keeps the value out of `docker inspect`; `description`: shown in the prompt
 * @example
 * service("db", { env: { PASSWORD: required({ secret: true }) } });
 */
export function required(
  options: { readonly secret?: boolean; readonly description?: string } = {},
): EnvValue {
  // A misspelt option stays in it, and is reported with the instance.
  const given = isRecord(options) ? options : { options };
  return { kind: "required", description: undefined, ...given, secret: options.secret ?? false };
}
