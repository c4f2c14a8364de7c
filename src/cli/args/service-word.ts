import type { ArgsDef } from "citty";
import { ReynsError } from "../../errors.ts";
import { camelCase } from "../../lib/letter-case.ts";
import { argumentNames, assignTokens, isSwitch } from "./assign.ts";
import { keyToken, type Token, type TokenizedCall } from "./tokenize.ts";

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
  if (call.tokens.length === 0 || args["service"]?.type !== "positional") return call;
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

/** Keys whose values are services. */
const serviceKeys = new Set(["service", "show", "exitCodeFrom"]);

/**
 * Names of services as a Compose file has them, as the names that they have here.
 *
 * @param listNames the names of this project; called only where a word has what no name here can have
 * @example
 * await nameServices(tokenize(["stop", "db_main"]), args, listNames) // stop db-main
 */
export async function nameServices(
  call: TokenizedCall,
  args: ArgsDef,
  listNames: () => Promise<Pick<ProjectNames, "services"> | undefined>,
): Promise<TokenizedCall> {
  const isForeign = ({ key, value, text }: Token): boolean =>
    /[A-Z_.]/.test(value ?? text) && (key === undefined || serviceKeys.has(camelCase(key)));
  if (!call.tokens.some(isForeign)) return call;
  const { toValidName } = await import("../../model/host-names.ts");
  const services = new Set((await listNames())?.services);
  const nameHere = (name: string): string =>
    !services.has(name) && services.has(toValidName(name)) ? toValidName(name) : name;
  // `cp db_main:/srv .`: a word of `cp` without a colon is a path.
  const start = args["service"]?.type === "positional" ? /^[^:/]+$/ : /^[^:/]+(?=(?:\/[^:/]+)?:)/;
  const rename = (token: Token): Token => {
    const { key, value, text } = token;
    if (!isForeign(token)) return token;
    if (key === undefined) return { text: text.replace(start, nameHere) };
    const named = value?.split(",").map(nameHere).join(",");
    return { ...token, text: `${key}=${named}`, value: named };
  };
  return { ...call, tokens: call.tokens.map(rename) };
}

/**
 * The host name of an instance, which output shows everywhere, as its service and instance; a service of that name wins.
 *
 * @param listNames the names of this project; called only where a word may be a host name
 * @example
 * await splitHostNames(tokenize(["logs", "web-one"]), args, listNames) // logs service=web instance=one
 */
export async function splitHostNames(
  call: TokenizedCall,
  args: ArgsDef,
  listNames: () => Promise<HostNames | undefined>,
): Promise<TokenizedCall> {
  const isCopy = args["source"]?.type === "positional" && args["target"]?.type === "positional";
  const takesInstance = args["service"]?.type === "positional" && args["instance"] !== undefined;
  if (!(isCopy || takesInstance) || !call.tokens.some(mayBeHost)) return call;
  const { values, positionals } = assignTokens(call.tokens, args);
  if (values.has("instance")) return call;
  const names = await listNames();
  if (!names) return call;
  if (isCopy) return { ...call, tokens: call.tokens.map((token) => splitAddress(token, names)) };
  const index = call.tokens.findIndex(({ key, text }) =>
    key === undefined ? text === positionals[0] : key === "service",
  );
  const token = call.tokens[index];
  const found = token && hostIn(token.value ?? token.text, names);
  // Instances of several services are not one instance.
  if (!found || (takesPattern(args) && positionals.length > 1)) return call;
  const { service, instance } = found;
  const own = [keyToken("service", service), keyToken("instance", instance)];
  return { ...call, tokens: call.tokens.toSpliced(index, 1, ...own) };
}

/** `cp web-one:/srv .` as `cp web/one:/srv .` */
function splitAddress(token: Token, names: HostNames): Token {
  const [, host, path] = /^([^./:][^/:]*)(:[^]*)$/.exec(token.text) ?? [];
  const found = host === undefined ? undefined : hostIn(host, names);
  return found ? { text: `${found.service}/${found.instance}${path}` } : token;
}

function mayBeHost({ key, text, value = text }: Token): boolean {
  return (key === undefined || key === "service") && /^[a-z0-9][a-z0-9-]*-[a-z0-9]/.test(value);
}

/** Instances of a Compose file are numbered, however many of them there are by now. */
function hostIn(
  host: string,
  { services, instances, hosts, isCompose }: HostNames,
): { readonly service: string; readonly instance: string } | undefined {
  const known = [...new Set([...services, ...instances.map(({ service }) => service)])];
  if (known.includes(host)) return undefined;
  const defined = instances.find(({ service, instance }) => host === `${service}-${instance}`);
  if (defined) return defined;
  // Of `web` and `web-api`, the instance web-api-1 is one of the latter.
  const service = known
    .filter((name) => host.startsWith(`${name}-`))
    .reduce((longest, name) => (name.length > longest.length ? name : longest), "");
  const instance = host.slice(service.length + 1);
  const isDefined = hosts.includes(host) || (isCompose && /^\d+$/.test(instance));
  return service !== "" && isDefined ? { service, instance } : undefined;
}

/**
 * Several services in one call, as Compose takes them, as a list of patterns. The second word names an instance where
 * the first service has one of that name.
 *
 * @param listNames the names of this project; called only where a call has several words
 * @returns the call, with a note for people where both may be meant
 * @example
 * await joinServices(tokenize(["stop", "web", "api"]), args, listNames) // service=web,api
 */
export async function joinServices(
  call: TokenizedCall,
  args: ArgsDef,
  listNames: () => Promise<ProjectNames | undefined>,
): Promise<TokenizedCall & { readonly note?: string }> {
  if (call.tokens.length < 2 || call.rest.length > 0 || !takesPattern(args)) return call;
  const { positionals } = assignTokens(call.tokens, args);
  if (positionals.length < 2) return call;
  const names = await listNames();
  if (!names || !positionals.every((text) => names.services.includes(text))) return call;
  const value = [...new Set(positionals)].join(",");
  const [first, second] = positionals;
  const isInstance = names.instances.some(
    ({ service, instance }) => service === first && instance === second,
  );
  if (isInstance)
    return { ...call, note: `"${second}" is the instance of ${first}: service=${value} is both` };
  return { ...call, tokens: [...without(call.tokens, positionals), keyToken("service", value)] };
}

interface ProjectNames {
  readonly services: readonly string[];
  readonly instances: readonly { readonly service: string; readonly instance: string }[];
}

interface HostNames extends ProjectNames {
  readonly hosts: readonly string[];
  readonly isCompose: boolean;
}

/** Whether a call may be about several services. */
function takesPattern({ service }: ArgsDef): boolean {
  return service?.type === "positional" && (service.description ?? "").includes("pattern");
}

/** The tokens without some words, from the end: a word before them may be the value of a key. */
function without(tokens: readonly Token[], words: readonly string[]): Token[] {
  const left = [...tokens];
  for (const word of words.toReversed()) {
    const index = left.findLastIndex(({ text, key }) => key === undefined && text === word);
    left.splice(index, 1);
  }
  return left;
}

/** The words before another one, or all, that are keys without a value. */
function keysBefore(end: string, tokens: readonly Token[], args: ArgsDef): Token[] {
  const names = argumentNames(args);
  const words = tokens.filter(({ key }) => key === undefined);
  const count = words.findIndex(({ text }) => text === end);
  return words
    .slice(0, count < 0 ? words.length : count)
    .filter(({ text }) => isSwitch(args[names.get(camelCase(text)) ?? ""]));
}
