import { ReynsError } from "../errors.ts";
import { shellQuote } from "../lib/shell-quote.ts";
import type { Token, TokenizedCall } from "./args/tokenize.ts";

/** Options of Compose's `run` that have a value -> the key that means the same here, if there is one. */
const withValue: Readonly<Record<string, string | undefined>> = {
  u: "user",
  user: "user",
  w: "workdir",
  workdir: "workdir",
  e: "env",
  env: "env",
  name: undefined,
  entrypoint: undefined,
  v: undefined,
  volume: undefined,
  p: undefined,
  publish: undefined,
};

/** Those without one -> the key and its value; undefined where it changes nothing. */
const flags: Readonly<Record<string, Token | undefined>> = {
  rm: undefined,
  "no-deps": { text: "deps=false", key: "deps", value: "false" },
  "service-ports": { text: "ports=true", key: "ports", value: "true" },
};

const terminalFlag = /^(-[Tit]+|--(no-TTY|tty|interactive))$/;

/**
 * Compose's `run --rm [-e A=1] SERVICE COMMAND…`, whose command would be read as an instance and keys, as the call that
 * means the same.
 *
 * @throws ReynsError UNKNOWN_KEY where there is no command, which is no call here
 */
export function translateComposeRun({ tokens, rest }: TokenizedCall): TokenizedCall {
  const [keys, [service, ...words]] = splitCall(tokens);
  const sent = [...words.filter(({ text }) => text !== "--rm").map(({ text }) => text), ...rest];
  if (service !== undefined && sent.length > 0)
    return { command: "run", tokens: [service, ...keys], rest: sent };
  const own = [service?.text ?? "SERVICE", ...keys.map(({ text }) => shellQuote(text))].join(" ");
  throw new ReynsError("UNKNOWN_KEY", 'unknown key "rm"', {
    hint: `not needed, the container is removed at the end of its command: reyns run ${own} -- COMMAND`,
  });
}

/** The options before the service as keys, and the rest of the call. An option without an equivalent stays as it is. */
function splitCall(tokens: readonly Token[]): [keys: Token[], rest: Token[]] {
  const keys: Token[] = [];
  const queue = [...tokens];
  while (queue[0]?.text.startsWith("-")) {
    const token = queue.shift() as Token;
    const { key = "", text } = token;
    if (terminalFlag.test(text)) continue;
    if (Object.hasOwn(flags, key)) keys.push(...(flags[key] ? [flags[key]] : []));
    else if (Object.hasOwn(withValue, key)) keys.push(withOwnKey(token, queue));
    else keys.push(token);
  }
  return [keys, queue];
}

function withOwnKey({ key = "", value }: Token, queue: Token[]): Token {
  const given = value ?? queue.shift()?.text ?? "";
  const own = withValue[key] ?? key;
  return { text: `${own}=${given}`, key: own, value: given };
}
