import { ReynsError } from "../errors.ts";
import { shellQuote } from "../lib/shell-quote.ts";
import type { Token, TokenizedCall } from "./args/tokenize.ts";

/** Options of Compose's `run` that have a value -> the key that means the same here. */
const withValue: Readonly<Record<string, string | undefined>> = {
  u: "user",
  user: "user",
  w: "workdir",
  workdir: "workdir",
  e: "env",
  env: "env",
  name: undefined,
  entrypoint: undefined,
};

/** `run --rm SERVICE COMMAND…` is a call of Compose, whose command would be read as an instance and keys. */
export function composeRunError({ tokens, rest }: TokenizedCall): ReynsError {
  const [keys, [service, ...words]] = splitCall(tokens);
  const others = words.filter(({ text }) => text !== "--rm").map(({ text }) => text);
  const line = [...others, ...rest];
  const call = ["reyns", "run", service?.text ?? "SERVICE", ...keys];
  const sent = line.length === 0 ? ["--", "COMMAND"] : ["--", ...line.map(shellQuote)];
  return new ReynsError("UNKNOWN_KEY", 'unknown key "rm"', {
    hint: `not needed, the container is removed at the end of its command: ${[...call, ...sent].join(" ")}`,
  });
}

/** The options before the service as keys, and the rest of the call. */
function splitCall(tokens: readonly Token[]): [keys: string[], rest: Token[]] {
  const keys: string[] = [];
  const queue = [...tokens];
  while (queue[0]?.text.startsWith("-")) {
    const { key = "", value } = queue.shift() as Token;
    if (!Object.hasOwn(withValue, key)) continue;
    const given = value ?? queue.shift()?.text ?? "";
    const own = withValue[key];
    if (own !== undefined) keys.push(shellQuote(`${own}=${given}`));
  }
  return [keys, queue];
}
