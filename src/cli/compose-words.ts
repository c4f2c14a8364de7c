import type { Token, TokenizedCall } from "./args/tokenize.ts";

/** Docker Compose's commands that are accepted, with the command that each of them means here. */
const aliases: Readonly<Record<string, string>> = {
  up: "run",
  down: "clean",
  exec: "shell",
  rm: "clean",
};

/** Those that mean everything where no service is named. */
const wholeProject = new Set(["up", "down"]);

/** Compose's flags that change nothing here: `up` returns when everything is ready, and leaves it running. */
const ignoredFlags: Readonly<Record<string, readonly string[]>> = {
  up: ["d", "detach", "remove-orphans"],
};

/**
 * A call in Docker Compose's words as the call that it means.
 *
 * @example
 * translateCompose(tokenize(["up", "-d"])) // run all
 */
export function translateCompose(call: TokenizedCall): TokenizedCall {
  const { command = "", tokens } = call;
  const meant = Object.hasOwn(aliases, command) ? aliases[command] : undefined;
  if (meant === undefined) return call;
  if (command === "exec") return translateExec(call);
  const ignored = ignoredFlags[command] ?? [];
  const kept = tokens.filter(({ key = "" }) => !ignored.includes(key));
  const prunes = command === "up" && tokens.some(({ key }) => key === "remove-orphans");
  const prune: Token[] = prunes ? [{ text: "prune=true", key: "prune", value: "true" }] : [];
  const isNamed = kept.some(({ key }) => key === undefined || ["group", "conf"].includes(key));
  const all: Token[] = wholeProject.has(command) && !isNamed ? [{ text: "all" }] : [];
  return { ...call, command: meant, tokens: [...all, ...kept, ...prune] };
}

const execOptions = new Set(["u", "user", "w", "workdir", "e", "env"]);
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
