import { shellQuote } from "../lib/shell-quote.ts";
import { keyToken, type Token, type TokenizedCall } from "./args/tokenize.ts";

/** Options of Compose's `run` that have a value -> the key that means the same here, if there is one. */
const withValue: Readonly<Record<string, string | undefined>> = {
  u: "user",
  user: "user",
  w: "workdir",
  workdir: "workdir",
  e: "env",
  env: "env",
  entrypoint: "entrypoint",
  name: undefined,
  "env-from-file": undefined,
};

/** Those that `extra_args` takes, in its own spelling. */
const extraOptions: Readonly<Record<string, string>> = {
  v: "--volume",
  volume: "--volume",
  p: "--publish",
  publish: "--publish",
  l: "--label",
  label: "--label",
  "cap-add": "--cap-add",
  "cap-drop": "--cap-drop",
};

/** Those without one -> the key and its value; undefined where it changes nothing. */
const flags: Readonly<Record<string, Token | undefined>> = {
  rm: undefined,
  "quiet-pull": undefined,
  "quiet-build": undefined,
  "no-deps": { text: "deps=false", key: "deps", value: "false" },
  "service-ports": { text: "ports=true", key: "ports", value: "true" },
  P: { text: "ports=true", key: "ports", value: "true" },
  "remove-orphans": { text: "prune=true", key: "prune", value: "true" },
};

const terminalFlag = /^(-[Tit]+|--(no-TTY|no-tty|tty|interactive))$/;

/**
 * Compose's `run --rm [-e A=1] SERVICE [COMMAND…]`, whose command would be read as an instance and keys, as the call that
 * means the same; `--rm` may be missing, as the container is removed in any case. Without a command, the service's own runs.
 */
export function translateComposeRun({ tokens, rest }: TokenizedCall): TokenizedCall {
  const [keys, [service, ...words]] = splitCall(tokens);
  const sent = [...words.filter(({ text }) => text !== "--rm").map(({ text }) => text), ...rest];
  const own = sent.length > 0 ? [] : [keyToken("rm", "true")];
  const positional = service === undefined ? [] : [service];
  return { command: "run", tokens: [...positional, ...joinExtra(keys), ...own], rest: sent };
}

/** One key with all options that `extra_args` takes. */
function joinExtra(keys: readonly Token[]): Token[] {
  const isExtra = ({ key }: Token): boolean => key === "extra_args";
  const options = keys.filter(isExtra).map(({ value }) => value);
  const others = keys.filter((token) => !isExtra(token));
  return options.length === 0 ? others : [...others, keyToken("extra_args", options.join(" "))];
}

/** The options before the service as keys, and the rest of the call. An option without an equivalent stays as it is. */
function splitCall(tokens: readonly Token[]): [keys: Token[], rest: Token[]] {
  const keys: Token[] = [];
  const queue = [...tokens];
  while (queue[0]?.text.startsWith("-")) {
    const token = queue.shift() as Token;
    const { key = "", text } = token;
    if (terminalFlag.test(text)) continue;
    if (key === "pull") keys.push(...pullKeys(token, queue));
    else if (Object.hasOwn(flags, key)) keys.push(...(flags[key] ? [flags[key]] : []));
    else if (Object.hasOwn(withValue, key) || Object.hasOwn(extraOptions, key))
      keys.push(withOwnKey(token, queue));
    else keys.push(token);
  }
  return [keys, queue];
}

const policy = /^(always|missing|never)$/;

/** `--pull always` and `--pull=always` pull; `missing` is what happens anyway, and `never` no value of our key. */
function pullKeys({ value }: Token, queue: Token[]): Token[] {
  const given = value ?? (policy.test(queue[0]?.text ?? "") ? queue.shift()?.text : "always");
  return given === "missing" ? [] : [keyToken("pull", given === "always" ? "true" : `${given}`)];
}

function withOwnKey({ key = "", value }: Token, queue: Token[]): Token {
  const given = value ?? queue.shift()?.text ?? "";
  const option = extraOptions[key];
  if (option !== undefined) return keyToken("extra_args", `${option} ${shellQuote(given)}`);
  return keyToken(withValue[key] ?? key, given);
}
