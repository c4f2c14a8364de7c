import type { ArgsDef } from "citty";
import { shellQuote } from "../lib/shell-quote.ts";
import { assignTokens } from "./args/assign.ts";
import type { Token, TokenizedCall } from "./args/tokenize.ts";

/** Docker Compose's commands that are accepted, with the command that each of them means here. */
const aliases: Readonly<Record<string, string>> = {
  up: "run",
  down: "clean",
  exec: "shell",
  rm: "clean",
};

/** The command that Compose's command of this name means. */
export function composeMeaning(command = ""): string | undefined {
  return Object.hasOwn(aliases, command) ? aliases[command] : undefined;
}

/** Those that mean everything where no service is named; of `rm`, everything that has stopped. */
const wholeProject = new Set(["up", "down", "rm"]);

/** Compose's flags -> the keys that mean the same; none where it changes nothing here: `up` waits in any case. */
const flags: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  up: {
    ...{ d: [], detach: [], "--wait": [], "quiet-pull": [] },
    ...{
      build: ["build"],
      "no-build": ["build=false"],
      "force-recreate": ["recreate"],
      "no-recreate": ["keep"],
    },
    ...{ "remove-orphans": ["prune"], "no-deps": ["deps=false"], y: ["yes"] },
    ...{ "pull=always": ["pull"], "pull=missing": [], "pull=policy": [] },
  },
  down: { v: ["data"], volumes: ["data"], "remove-orphans": [], "rmi=local": ["images"] },
  rm: { s: ["stopped=false"], stop: ["stopped=false"], f: ["force"] },
};

/** The spellings that Compose's command takes, for the test of its help. */
export function composeFlags(command: string): string[] {
  return [...Object.keys(flags[command] ?? {}), ...Object.keys(renamedKeys[command] ?? {})];
}

/** Compose's keys with a value, in commands where they are called otherwise. */
const renamedKeys: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  up: { "wait-timeout": "timeout" },
};

/** Those whose value may be the next argument. */
const withNextValue = new Set(["pull", "rmi"]);

/** Commands with `json`, which is Compose's `--format json`. */
const withFormat = new Set(["ps", "images", "ls", "config", "volumes", "stats", "events"]);

/**
 * A call in Docker Compose's words as the call that it means.
 *
 * @example
 * translateCompose(tokenize(["up", "-d", "web"])) // run web
 */
export function translateCompose(call: TokenizedCall): TokenizedCall {
  const { command = "", tokens } = call;
  if (withFormat.has(command)) return { ...call, tokens: translateFormat(tokens) };
  const meant = composeMeaning(command);
  if (meant === undefined) return call;
  if (command === "exec") return translateExec(call);
  const single = command === "rm" ? tokens.flatMap(splitFlags) : tokens;
  const translated = translateFlags(command, joinValues(single));
  return { ...call, command: meant, tokens: [...translated, ...impliedKeys(command, translated)] };
}

/** `down` asks nothing about what it names, and `rm` leaves what runs unless `-s` names it. */
function impliedKeys(command: string, given: readonly Token[]): Token[] {
  if (command === "down") return [keyOf("confirm=folders")];
  return command === "rm" && !given.some(({ key }) => key === "stopped") ? [keyOf("stopped")] : [];
}

/** `--pull always` as `--pull=always`. */
function joinValues(tokens: readonly Token[]): Token[] {
  return tokens.flatMap((token, index) => {
    const [before, after] = [tokens[index - 1], tokens[index + 1]];
    if (needsNext(token) && after?.key === undefined && after !== undefined)
      return [{ ...token, text: `${token.text}=${after.text}`, value: after.text }];
    return before && needsNext(before) && token.key === undefined ? [] : [token];
  });
}

function needsNext({ text, key = "", value }: Token): boolean {
  return text.startsWith("--") && withNextValue.has(key) && value === undefined;
}

/** Keys stand at the end, so that none takes the next word as its value. */
function translateFlags(command: string, tokens: readonly Token[]): Token[] {
  const [kept, keys]: [Token[], Token[]] = [[], []];
  for (const token of tokens) {
    const { key = "", value } = token;
    const own = flags[command] ?? {};
    const spelling = [token.text, value === undefined ? key : `${key}=${value}`].find((text) =>
      Object.hasOwn(own, text),
    );
    const renamed = renamedKeys[command]?.[key];
    if (spelling !== undefined) keys.push(...(own[spelling] ?? []).map(keyOf));
    else kept.push(renamed === undefined ? token : renameKey(token, renamed));
  }
  return [...kept, ...keys];
}

function renameKey({ text, key = "", value }: Token, renamed: string): Token {
  return { text: text.replace(key, renamed), key: renamed, value };
}

/** `deps=false`, or a key that is true. */
function keyOf(text: string): Token {
  const [key = "", value = "true"] = text.split("=");
  return { text: `${key}=${value}`, key, value };
}

/** `-fsv` as `-f -s -v`. */
function splitFlags(token: Token): Token[] {
  if (!/^-[fsv]{2,3}$/.test(token.text)) return [token];
  return Array.from(token.text.slice(1), (key) => ({ text: `-${key}`, key }));
}

/** `--format json` as `json`. */
function translateFormat(tokens: readonly Token[]): Token[] {
  return tokens.flatMap((token, index) => {
    const [before, after] = [tokens[index - 1], tokens[index + 1]];
    const isFormat = token.key === "format";
    if (isFormat && token.value === undefined && after?.text === "json") return [];
    if (isFormat && token.value === "json") return [{ text: "json" }];
    return before?.key === "format" && token.text === "json" ? [{ text: "json" }] : [token];
  });
}

/**
 * `up` and `down` mean all where the call names nothing.
 *
 * @param command as it was typed
 * @param call what it means, with the definitions of that command
 */
export function nameAll(
  command: string | undefined,
  call: TokenizedCall,
  args: ArgsDef,
): TokenizedCall {
  if (!wholeProject.has(command ?? "")) return call;
  const { values, positionals } = assignTokens(call.tokens, args);
  const isNamed =
    positionals.length > 0 || ["service", "group", "conf"].some((name) => values.has(name));
  return isNamed ? call : { ...call, tokens: [{ text: "all" }, ...call.tokens] };
}

const backgroundFlags = new Set(["d", "detach", "wait", "wait-timeout", "no-start", "help"]);

/**
 * Compose's `up` stays with the output unless `-d` is given; here it returns.
 *
 * @param options those of the call that it means
 * @param before Compose's options that choose the project, which the other call needs as well
 * @returns the call that shows the output
 */
export function followCall(
  { command, tokens }: TokenizedCall,
  options: Readonly<Record<string, string | boolean | undefined>>,
  before: readonly string[] = [],
): string | undefined {
  if (command !== "up" || tokens.some(({ key = "" }) => backgroundFlags.has(key))) return undefined;
  const { attach, abortOnExit, exitCodeFrom, command: line, rm, interactive } = options;
  const isAttached = [attach, abortOnExit, exitCodeFrom, line, rm, interactive].some(Boolean);
  if (isAttached || options["json"]) return undefined;
  const { service, copy } = options;
  const names = [service ?? "all", ...(copy === undefined ? [] : [`copy=${copy}`])];
  const words = [...before, "logs", ...names.map(String), "follow"];
  return `reyns ${words.map(shellQuote).join(" ")}`;
}

const execOptions = new Set(["u", "user", "w", "workdir", "e", "env", "index"]);
const terminalFlag = /^(-[Tit]+|--(no-tty|tty|interactive))$/;

/**
 * `exec [-u USER] SERVICE COMMAND…` has its command without `--`, and options of that command in it. Everything else is
 * a call of `shell`.
 */
function translateExec(call: TokenizedCall): TokenizedCall {
  const [options, [service, ...words]] = splitAtService(call.tokens);
  const [first] = words;
  const isOwnForm = first?.key !== undefined || (words.length === 1 && call.rest.length > 0);
  if (service === undefined || first === undefined || isOwnForm) {
    const tokens = [...options, ...(service ? [service] : []), ...words];
    return { ...call, command: "shell", tokens };
  }
  const separated = call.rest.length > 0 ? ["--", ...call.rest] : [];
  const rest = [...words.map(({ text }) => text), ...separated];
  return { command: "exec", tokens: [...options, service], rest };
}

/** The options before the service, without those that the terminal decides here, and the rest of the call. */
function splitAtService(tokens: readonly Token[]): [options: Token[], rest: Token[]] {
  const options: Token[] = [];
  const queue = [...tokens];
  while (queue[0]?.text.startsWith("-")) {
    const token = queue.shift() as Token;
    if (terminalFlag.test(token.text)) continue;
    const takesNext = token.value === undefined && execOptions.has(token.key ?? "");
    options.push(token, ...(takesNext ? queue.splice(0, 1) : []));
  }
  return [options, queue];
}
