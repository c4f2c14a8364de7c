import type { ArgsDef } from "citty";
import { ReynsError } from "../../errors.ts";
import { camelCase } from "../../lib/letter-case.ts";
import { argumentNames, assignTokens } from "./assign.ts";
import type { Token, TokenizedCall } from "./tokenize.ts";

/**
 * Decides whether a word such as `ports` is a key or the service of that name: in the place of the service, a service of
 * this project wins.
 *
 * @param listServices the names of this project's services; called only where a word may be both
 * @returns the call, with a note for people where it has decided
 * @throws ReynsError INVALID_VALUE where the next word may be the service as well
 * @example
 * await resolveServiceWord(tokenize(["run", "ports"]), args, async () => ["ports"]) // service=ports
 */
export async function resolveServiceWord(
  call: TokenizedCall,
  args: ArgsDef,
  listServices: () => Promise<readonly string[]>,
): Promise<TokenizedCall & { readonly note?: string }> {
  if (args["service"]?.type !== "positional") return call;
  const { values, positionals } = assignTokens(call.tokens, args);
  const [next = ""] = positionals;
  const words = values.has("service") ? [] : keysBefore(next, call.tokens, args);
  if (words.length === 0) return call;
  const services = await listServices();
  const word = words.find(({ text }) => services.includes(text));
  if (!word) return call;
  const { text } = word;
  const hint = `write service=${text} for the service, or --${text} for the key`;
  if (services.includes(next))
    throw new ReynsError("INVALID_VALUE", `"${text}" is both a service and a key here`, { hint });
  const note = `"${text}" is the service of that name: --${text} is the key`;
  const service: Token = { text, key: "service", value: text };
  return { ...call, note, tokens: call.tokens.with(call.tokens.indexOf(word), service) };
}

/** The words before another one, or all, that are keys without a value. */
function keysBefore(end: string, tokens: readonly Token[], args: ArgsDef): Token[] {
  const names = argumentNames(args);
  const words = tokens.filter(({ key }) => key === undefined);
  const count = words.findIndex(({ text }) => text === end);
  return words
    .slice(0, count < 0 ? words.length : count)
    .filter(({ text }) => args[names.get(camelCase(text)) ?? ""]?.type === "boolean");
}
