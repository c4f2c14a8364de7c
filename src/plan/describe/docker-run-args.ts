import { parseArgsStringToArgv } from "string-argv";
import type { PublishedPort, RuntimeSettings, Ulimit } from "../../model/container-spec.ts";
import {
  isMemoryLimit,
  isUlimit,
  parseBytes,
  parseUlimit,
  restartPolicy,
  signalForm,
  signalName,
} from "../../model/docker-syntax.ts";
import { parsePorts, portForm } from "../../model/port-syntax.ts";
import { parseVolume, volumeForm } from "../../model/volume-syntax.ts";
import { inside, ReynsError, type Place } from "../../errors.ts";
import { splitOnce } from "../../lib/split-once.ts";
import { acceptedHint } from "../../lib/suggest.ts";

/** What `docker run` options in `extra_args` add to an instance. */
export interface ExtraArgs {
  readonly runtime: RuntimeSettings;
  readonly env: Readonly<Record<string, string>>;
  /** In Docker's form, `SOURCE:TARGET[:OPTIONS]`. */
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
  const values: ParsedArgs = text ? parse(text, at) : {};
  return {
    runtime: runtimeOf(values, at),
    env: pairs(values.env),
    volumes: (values.volume ?? []).map((volume) => checkedVolume(volume, at)),
    ports: (values.publish ?? []).flatMap((port) => publishedPorts(port, at)),
    hosts: (values["add-host"] ?? []).map((host) => hostOf(host, at)),
    labels: labelsOf(pairs(values.label), at),
    privileged: values.privileged ?? false,
    hostname: values.hostname,
  };
}

/** The same; invalid options are returned as errors, to be reported together with all others. */
export function tryExtraArgs(
  text: string | undefined,
  at: Place,
): { readonly extra: ExtraArgs; readonly errors: readonly ReynsError[] } {
  try {
    return { extra: readExtraArgs(text, inside(at, "extraArgs")), errors: [] };
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    return { extra: readExtraArgs(undefined, at), errors: [error] };
  }
}

type ParsedArgs = ReturnType<typeof parse>;

function parse(text: string, at: Place) {
  try {
    const args = parseArgsStringToArgv(text);
    // Loaded when it is needed: most instances have none.
    const { parseArgs } = process.getBuiltinModule("node:util");
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    const message = (cause as Error).message;
    const unknown = /Unknown option '(-[^']*)'/.exec(message)?.[1];
    if (unknown === undefined)
      throw invalid(message.split(". ")[0] ?? message, "options of docker run", at);
    const names = Object.keys(options).map((name) => `--${name}`);
    throw new ReynsError("INVALID_PROJECT", `${keyAt(at)}: ${unknown} is not supported`, {
      hint: acceptedHint(unknown, names),
      at,
      cause,
    });
  }
}

function runtimeOf(values: ParsedArgs, at: Place): RuntimeSettings {
  return {
    ...listsOf(values, at),
    memLimit: memoryOf(values.memory, at),
    shmSize: size(values["shm-size"], "--shm-size", at),
    cpus: positive(values.cpus, "--cpus", at),
    user: values.user,
    workingDir: values.workdir,
    init: values.init,
    readOnly: values["read-only"],
    restart: restartOf(values.restart, at),
    ipc: values.ipc,
    pid: values.pid,
    logDriver: values["log-driver"],
    stopSignal: signalOf(values["stop-signal"], at),
    stopGracePeriod: positive(values["stop-timeout"], "--stop-timeout", at),
  };
}

function listsOf(values: ParsedArgs, at: Place): RuntimeSettings {
  return {
    capAdd: values["cap-add"] ?? [],
    capDrop: values["cap-drop"] ?? [],
    devices: values.device ?? [],
    groupAdd: values["group-add"] ?? [],
    securityOpt: values["security-opt"] ?? [],
    sysctls: pairs(values.sysctl),
    tmpfs: Object.fromEntries((values.tmpfs ?? []).map((mount) => splitOnce(mount, ":"))),
    ulimits: (values.ulimit ?? []).map((limit) => ulimitOf(limit, at)),
    logOptions: pairs(values["log-opt"]),
  };
}

function pairs(lines: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(lines.map((line) => splitOnce(line, "=")));
}

/** What was read from an option's text, or the mistake that it could not be. */
function understood<Value>(
  value: Value | undefined,
  option: string,
  text: string,
  accepted: string,
  at: Place,
): Value {
  if (value === undefined) throw invalid(`${option} is "${text}"`, accepted, at);
  return value;
}

function size(text: string | undefined, option: string, at: Place): number | undefined {
  if (text === undefined) return undefined;
  return understood(parseBytes(text), option, text, "a size such as 512m or 2g", at);
}

function memoryOf(text: string | undefined, at: Place): number | undefined {
  const bytes = size(text, "--memory", at);
  if (bytes === undefined || isMemoryLimit(bytes)) return bytes;
  throw invalid(`--memory is "${text}"`, "at least 6 MB: a size such as 512m or 2g", at);
}

function signalOf(text: string | undefined, at: Place): string | undefined {
  if (text === undefined || signalName(text) !== undefined) return text;
  throw invalid(`--stop-signal is "${text}"`, signalForm, at);
}

function ulimitOf(text: string, at: Place): Ulimit {
  const limit = parseUlimit(text);
  const form = "NAME=SOFT[:HARD], for example nofile=1024:2048";
  const valid = limit && isUlimit(limit) ? limit : undefined;
  return understood(valid, "--ulimit", text, form, at);
}

function positive(text: string | undefined, option: string, at: Place): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  const value = Number.isFinite(number) && number > 0 ? number : undefined;
  return understood(value, option, text, "a number above 0", at);
}

function restartOf(text: string | undefined, at: Place): string | undefined {
  if (text === undefined || restartPolicy.test(text)) return text;
  throw invalid(`--restart is "${text}"`, "no, always, unless-stopped, on-failure[:COUNT]", at);
}

/** By its own labels Reyns knows what is its own. */
function labelsOf(labels: Record<string, string>, at: Place): Record<string, string> {
  const ours = Object.keys(labels).find((name) => name.startsWith("io.reyns."));
  if (ours === undefined) return labels;
  throw invalid(`--label is "${ours}"`, "names that do not begin with io.reyns.", at);
}

function publishedPorts(text: string, at: Place): PublishedPort[] {
  const ports = understood(parsePorts(text), "--publish", text, portForm, at);
  return ports.map((port) => ({ ...port, host: port.host ?? port.container }));
}

function checkedVolume(text: string, at: Place): string {
  understood(parseVolume(text), "--volume", text, volumeForm, at);
  return text;
}

function hostOf(text: string, at: Place): { name: string; address: string } {
  const [name, address] = splitOnce(text, ":");
  if (name === "" || address === "") throw invalid(`--add-host is "${text}"`, "NAME:ADDRESS", at);
  return { name, address };
}

function invalid(problem: string, accepted: string, at: Place): ReynsError {
  return new ReynsError("INVALID_PROJECT", `${keyAt(at)}: ${problem}`, {
    hint: `accepted: ${accepted}`,
    at,
  });
}

/** As the key is called where it stands. */
function keyAt({ file }: Place): string {
  return file.endsWith(".ts") ? "extraArgs" : "extra_args";
}
