import type { ArgsDef } from "citty";
import { shellQuote } from "../lib/shell-quote.ts";
import { assignTokens } from "./args/assign.ts";
import { renamedKeys, sameKeys, shortOptions } from "./args/docker-options.ts";
import { splitShort, type Token, type TokenizedCall } from "./args/tokenize.ts";

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

/** Commands that mean everything where no service is named; of `rm`, everything that has stopped. */
const wholeProject = new Set([
  ...["up", "down", "rm"],
  ...["stop", "start", "restart", "pause", "unpause", "kill"],
]);

/** The spellings that Compose's command takes, for the test of its help. */
export function composeFlags(command: string): string[] {
  return [...Object.keys(sameKeys[command] ?? {}), ...Object.keys(renamedKeys[command] ?? {})];
}

/** Commands with `json`, which is Compose's `--format json`. */
const withFormat = new Set([
  ...["ps", "images", "ls", "config", "volumes", "stats", "events"],
  "version",
]);

const knownFormats = new Set(["json", "table", "yaml", "pretty"]);

/**
 * A call in Docker Compose's words as the call that it means.
 *
 * @example
 * translateCompose(tokenize(["up", "-d", "web"])) // run web
 */
export function translateCompose(call: TokenizedCall): TokenizedCall {
  const { command = "" } = call;
  if (command === "exec") return translateExec(call);
  const single = call.tokens.flatMap((token) => splitShort(token, shortOptions[command] ?? ""));
  const formatted = withFormat.has(command) ? translateFormat(command, single) : single;
  const shown = command === "up" ? showAttached(formatted) : placeValue(command, formatted);
  const translated = translateFlags(command, joinValues(command, shown));
  const tokens = [...translated, ...impliedKeys(command, translated)];
  return { ...call, command: composeMeaning(command) ?? call.command, tokens };
}

/** Compose's options whose value is part of another word here. */
const placedOptions: Readonly<Record<string, string>> = {
  config: "hash",
  cp: "index",
  port: "protocol",
  ps: "filter",
};

/** `cp --index 2 web:/srv .` as `cp web/2:/srv .` */
function placeValue(command: string, tokens: readonly Token[]): readonly Token[] {
  const at = tokens.findIndex(({ key }) => key !== undefined && key === placedOptions[command]);
  const [option, next] = tokens.slice(Math.max(at, 0));
  if (at < 0 || !option?.text.startsWith("--")) return tokens;
  const value = option.value ?? next?.text ?? "";
  const rest = tokens.toSpliced(at, option.value === undefined ? 2 : 1);
  if (command === "config")
    return option.value ? [...rest, { text: value }, keyOf("hash")] : tokens;
  if (command === "ps")
    return value.startsWith("status=")
      ? placeValue(command, [...rest, keyOf(value.replace("status", "state"))])
      : tokens;
  if (command === "cp")
    return rest.map((token) => ({
      ...token,
      text: token.text.replace(/^([^./:][^/:]*)(?:\/[^/:]+)?:/, `$1/${value}:`),
    }));
  const port = rest.findLastIndex(({ text }) => /^\d+$/.test(text));
  return port < 0 ? tokens : rest.with(port, { text: `${rest[port]?.text}/${value}` });
}

/** `--attach web --attach db` as `show=web,db`: it chooses what is shown, not what is started. */
function showAttached(tokens: readonly Token[]): readonly Token[] {
  const [services, others, queue]: [string[], Token[], Token[]] = [[], [], [...tokens]];
  for (let token = queue.shift(); token; token = queue.shift()) {
    const isOption = token.key === "attach" && token.text.startsWith("--");
    const isBare = isOption && token.value === undefined && queue[0]?.key === undefined;
    const service = isBare ? queue.shift()?.text : token.value;
    if (isOption && service !== undefined) services.push(service);
    else others.push(token);
  }
  return services.length === 0 ? tokens : [...others, keyOf(`show=${services.join(",")}`)];
}

/** `down` asks nothing about what it names, and `rm` leaves what runs unless `-s` names it. */
function impliedKeys(command: string, given: readonly Token[]): Token[] {
  if (command === "down") return [keyOf("confirm=folders")];
  return command === "rm" && !given.some(({ key }) => key === "stopped") ? [keyOf("stopped")] : [];
}

/** `--pull always` as `--pull=always`, where that is an option of Compose's command. */
function joinValues(command: string, tokens: readonly Token[]): Token[] {
  const isJoined = (token: Token | undefined, next: Token | undefined): boolean =>
    token?.key !== undefined &&
    token.value === undefined &&
    next?.key === undefined &&
    Object.hasOwn(sameKeys[command] ?? {}, `${token.key}=${next?.text}`);
  return tokens.flatMap((token, index) => {
    const [before, after] = [tokens[index - 1], tokens[index + 1]];
    if (isJoined(token, after))
      return [{ ...token, text: `${token.text}=${after?.text}`, value: after?.text }];
    return isJoined(before, token) ? [] : [token];
  });
}

/** Keys stand at the end, so that none takes the next word as its value. */
function translateFlags(command: string, tokens: readonly Token[]): Token[] {
  const [kept, keys]: [Token[], Token[]] = [[], []];
  for (const token of tokens) {
    const { text, key = "", value = "true" } = token;
    const own = sameKeys[command] ?? {};
    // A bare word is a service, or a key of the command itself.
    const spellings =
      token.key === undefined ? [] : [text, value === "true" ? key : `${key}=${value}`];
    const spelling = spellings.find((one) => Object.hasOwn(own, one));
    const dashed = text.startsWith("--") ? renamedKeys[command]?.[`--${key}`] : undefined;
    const renamed = renamedKeys[command]?.[key] ?? dashed;
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

/** `--format json` as `json`; other formats are what is printed anyway. */
function translateFormat(command: string, tokens: readonly Token[]): Token[] {
  const formatOf = ({ key, value }: Token, next: Token | undefined): string | undefined =>
    key === "format" || (key === "f" && command === "version") ? (value ?? next?.text) : undefined;
  return tokens.flatMap((token, index) => {
    const before = tokens[index - 1];
    const isTaken = before?.value === undefined && before !== undefined;
    if (isTaken && knownFormats.has(formatOf(before, token) ?? "")) return [];
    const format = formatOf(token, tokens[index + 1]) ?? "";
    if (!knownFormats.has(format)) return [token];
    return format === "json" ? [{ text: "json" }] : [];
  });
}

/**
 * `up`, `down`, `stop` and their like mean all where the call names nothing.
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
    positionals.length > 0 ||
    ["service", "instance", "group", "conf"].some((name) => values.has(name));
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
  const isBackground = tokens.some(
    ({ text, key = "" }) => backgroundFlags.has(key) || /^-[A-Za-z]*d/.test(text),
  );
  if (command !== "up" || isBackground) return undefined;
  const { attach, show, abortOnExit, exitCodeFrom, command: line, rm, interactive } = options;
  const isAttached = [attach, show, abortOnExit, exitCodeFrom, line, rm, interactive].some(Boolean);
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
    const own = token.key === "index" ? renameKey(token, "instance") : token;
    options.push(own, ...(takesNext ? queue.splice(0, 1) : []));
  }
  return [options, queue];
}
