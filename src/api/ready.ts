import { commandArgs } from "../model/docker-syntax.ts";
import type { ReadyCheck } from "../model/project.ts";

/**
 * Checks for the option `ready`, repeated until they succeed or the timeout of the instance is over. Ports are the
 * container's, paths are absolute.
 *
 * @example
 * service("db", { image: "postgres:17", instance: "one", ready: ready.tcp(5432) });
 */
export const ready = {
  /** Ready when a TCP connection to the port is accepted. */
  tcp: (port: number): ReadyCheck => ({ kind: "tcp", port }),
  /** Ready when a GET request for the path is answered with a status below 400. */
  http: (port: number, path = "/"): ReadyCheck => ({ kind: "http", port, path }),
  /**
   * Ready when a line of the output matches.
   *
   * @example
   * ready.log(/listening on port \d+/)
   */
  log: (pattern: string | RegExp): ReadyCheck => {
    const { source, flags } = new RegExp(pattern);
    return { kind: "log", pattern: source, flags };
  },
  /**
   * Ready when the command exits with status 0 inside the instance: a line for the shell, or a list of arguments.
   *
   * @example
   * ready.command("pg_isready --username shop")
   */
  command: (...command: readonly string[] | readonly [readonly string[]]): ReadyCheck => {
    const [first = []] = command;
    const isLineOrList = command.length <= 1;
    return { kind: "command", command: isLineOrList ? commandArgs(first) : command.flat() };
  },
  /** Ready when the HEALTHCHECK of the image, or `healthcheck`, reports healthy. */
  healthy: (): ReadyCheck => ({ kind: "healthy" }),
  /** Ready at once: for a service whose readiness nothing shows. */
  started: (): ReadyCheck => ({ kind: "started" }),
  /** Ready when the file exists inside the instance. */
  file: (path: string): ReadyCheck => ({ kind: "file", path }),
} as const;
