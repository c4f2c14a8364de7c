import { parseArgs } from "node:util";
import { parseArgsStringToArgv } from "string-argv";
import type { PublishedPort, RuntimeSettings, Ulimit } from "../container-spec.ts";
import { ReynsError, type Place } from "../errors.ts";
import { acceptedHint } from "../suggest.ts";

/** What `docker run` options in `extra_args` add to an instance. */
export interface ExtraArgs {
  readonly runtime: RuntimeSettings;
  readonly env: Readonly<Record<string, string>>;
  /** In Docker's form, `SOURCE:TARGET[:ro]`. */
  readonly volumes: readonly string[];
  readonly ports: readonly PublishedPort[];
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly privileged: boolean;
  readonly hostname: string | undefined;
}

const many = { type: "string", multiple: true } as const;
const one = { type: "string" } as const;
const flag = { type: "boolean" } as const;

/** The options of `docker run` that are supported, in its own words. */
const options = {
  "add-host": many,
  "cap-add": many,
  "cap-drop": many,
  cpus: one,
  device: many,
  env: { ...many, short: "e" },
  "group-add": many,
  hostname: { ...one, short: "h" },
  init: flag,
  ipc: one,
  label: { ...many, short: "l" },
  "log-driver": one,
  "log-opt": many,
  memory: { ...one, short: "m" },
  pid: one,
  privileged: flag,
  publish: { ...many, short: "p" },
  "read-only": flag,
  restart: one,
  "security-opt": many,
  "shm-size": one,
  "stop-signal": one,
  "stop-timeout": one,
  sysctl: many,
  tmpfs: many,
  ulimit: many,
  user: { ...one, short: "u" },
  volume: { ...many, short: "v" },
  workdir: { ...one, short: "w" },
} as const;

/**
 * Reads `extra_args` as options of `docker run`.
 *
 * @see https://docs.docker.com/reference/cli/docker/container/run/
 * @throws ReynsError INVALID_PROJECT for an option that is not supported, and for a value that makes no sense
 * @example
 * readExtraArgs("--cap-add NET_ADMIN -m 512m", at).runtime.memory // 536870912
 */
export function readExtraArgs(text: string | undefined, at: Place): ExtraArgs {
  const values = parse(text ?? "", at);
  return {
    runtime: runtimeOf(values, at),
    env: pairs(values.env),
    volumes: values.volume ?? [],
    ports: (values.publish ?? []).map((port) => portOf(port, at)),
    hosts: (values["add-host"] ?? []).map((host) => hostOf(host, at)),
    labels: pairs(values.label),
    privileged: values.privileged ?? false,
    hostname: values.hostname,
  };
}

type Values = ReturnType<typeof parse>;

function parse(text: string, at: Place) {
  try {
    const args = parseArgsStringToArgv(text);
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    const message = (cause as Error).message;
    const unknown = /Unknown option '(-[^']*)'/.exec(message)?.[1];
    if (unknown === undefined)
      throw invalid(message.split(". ")[0] ?? message, "options of docker run", at);
    const names = Object.keys(options).map((name) => `--${name}`);
    throw new ReynsError("INVALID_PROJECT", `extra_args: ${unknown} is not supported`, {
      hint: acceptedHint(unknown, names),
      at,
      cause,
    });
  }
}

function runtimeOf(values: Values, at: Place): RuntimeSettings {
  return {
    capAdd: values["cap-add"] ?? [],
    capDrop: values["cap-drop"] ?? [],
    devices: values.device ?? [],
    groupAdd: values["group-add"] ?? [],
    securityOpt: values["security-opt"] ?? [],
    sysctls: pairs(values.sysctl),
    tmpfs: Object.fromEntries((values.tmpfs ?? []).map((mount) => splitAt(mount, ":"))),
    ulimits: (values.ulimit ?? []).map((limit) => ulimitOf(limit, at)),
    memory: bytesOf(values.memory, "--memory", at),
    shmSize: bytesOf(values["shm-size"], "--shm-size", at),
    nanoCpus:
      values.cpus === undefined ? undefined : Math.round(positive(values.cpus, "--cpus", at) * 1e9),
    user: values.user,
    workingDir: values.workdir,
    init: values.init,
    readOnly: values["read-only"],
    restart: values.restart,
    ipc: values.ipc,
    pid: values.pid,
    logDriver: values["log-driver"],
    logOptions: pairs(values["log-opt"]),
    stopSignal: values["stop-signal"],
    stopTimeout:
      values["stop-timeout"] === undefined
        ? undefined
        : positive(values["stop-timeout"], "--stop-timeout", at),
  };
}

function pairs(lines: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(lines.map((line) => splitAt(line, "=")));
}

function splitAt(text: string, mark: string): [string, string] {
  const index = text.indexOf(mark);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)];
}

const units = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const;

/** "512m" in bytes, in the units of `docker run`. */
function bytesOf(text: string | undefined, option: string, at: Place): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)([bkmg]?)b?$/i.exec(text);
  if (!match) throw invalid(`${option} is "${text}"`, "a size such as 512m or 2g", at);
  return Math.round(
    Number(match[1]) * units[(match[2]?.toLowerCase() || "b") as keyof typeof units],
  );
}

function positive(text: string, option: string, at: Place): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw invalid(`${option} is "${text}"`, "a number above 0", at);
}

/** "nofile=1024:2048" */
function ulimitOf(text: string, at: Place): Ulimit {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (!match)
    throw invalid(`--ulimit is "${text}"`, "NAME=SOFT[:HARD], for example nofile=1024:2048", at);
  const soft = Number(match[2]);
  return { name: match[1] ?? "", soft, hard: Number(match[3] ?? soft) };
}

/** "[IP:]HOST:CONTAINER[/PROTOCOL]" */
function portOf(text: string, at: Place): PublishedPort {
  const match = /^(?:(?:([\d.]+):)?(\d+):)?(\d+)(?:\/(tcp|udp))?$/.exec(text);
  const [host, container] = [Number(match?.[2] ?? match?.[3]), Number(match?.[3])];
  if (!match || [host, container].some((port) => port < 1 || port > 65_535)) {
    throw invalid(`--publish is "${text}"`, "[IP:]HOST:CONTAINER[/udp], for example 8080:80", at);
  }
  return { container, host, protocol: match[4] === "udp" ? "udp" : "tcp", ip: match[1] ?? "" };
}

function hostOf(text: string, at: Place): { name: string; address: string } {
  const [name, address] = splitAt(text, ":");
  if (name === "" || address === "") throw invalid(`--add-host is "${text}"`, "NAME:ADDRESS", at);
  return { name, address };
}

function invalid(problem: string, accepted: string, at: Place): ReynsError {
  return new ReynsError("INVALID_PROJECT", `extra_args: ${problem}`, {
    hint: `accepted: ${accepted}`,
    at,
  });
}
