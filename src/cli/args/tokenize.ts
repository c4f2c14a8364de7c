/** An argument of a call: a key, with or without a value, or bare text. */
export interface Token {
  /** The argument as it was given. */
  readonly text: string;
  readonly key?: string;
  readonly value?: string | undefined;
}

export interface TokenizedCall {
  readonly command: string | undefined;
  readonly tokens: readonly Token[];
  /** The arguments after `--`, unchanged. */
  readonly rest: readonly string[];
}

/**
 * Splits a command line in either form: `run postgres one safemode=true`, or the older tools'
 * `run:postgres,instance=one,safemode=True`, which the shell may have split after its commas.
 *
 * @example
 * tokenize(["ssh:demo,instance=two,command=echo a, b"]).tokens
 * // demo, instance=two, command="echo a, b"
 */
export function tokenize(argv: readonly string[]): TokenizedCall {
  const end = argv.indexOf("--");
  const [first, ...others] = end < 0 ? argv : argv.slice(0, end);
  const rest = end < 0 ? [] : argv.slice(end + 1);
  const [, command, argument] = /^([^-:][^:]*)?:([^]*)$/.exec(first ?? "") ?? [];
  if (argument === undefined) return { command: first, tokens: others.map(parseToken), rest };
  return {
    command: command ?? "",
    tokens: splitOlderForm([argument, ...others]).map(parseToken),
    rest,
  };
}

/** Splits arguments at commas; the older form goes on in the next argument as long as one ends with a comma. */
function splitOlderForm(argv: readonly string[]): string[] {
  const end = argv.findIndex((argument) => !argument.endsWith(",")) + 1 || argv.length;
  return [...argv.slice(0, end).flatMap(splitAtCommas), ...argv.slice(end)];
}

/** `command=` takes the rest of its argument, commas included. */
function splitAtCommas(argument: string): string[] {
  const command = /(?:^|,)\s*(command=[^]*)$/.exec(argument);
  const head = command ? argument.slice(0, command.index) : argument;
  const parts = head.split(",").map((part) => part.trim());
  return [...parts, command?.[1] ?? ""].filter((part) => part !== "");
}

/** `--key`, `--key=value`, `key=value` and `-k` are keys; `-h` is short for `--help`. */
function parseToken(text: string): Token {
  if (text === "-h") return { text, key: "help" };
  if (/^-[A-Za-z]$/.test(text)) return { text, key: text.slice(1) };
  const [, dashes, key, value] = /^(--)?([A-Za-z_][\w-]*)(?:=([^]*))?$/.exec(text) ?? [];
  return key === undefined || (dashes ?? value) === undefined ? { text } : { text, key, value };
}

export function keyToken(key: string, value: string): Token {
  return { text: `${key}=${value}`, key, value };
}

/**
 * `-fsv` as `-f -s -v`, and `-n100` as `-n 100`.
 *
 * @param known the command's short options; one with a colon takes a value: `"ftn:"`
 */
export function splitShort(token: Token, known: string): Token[] {
  if (!/^-[A-Za-z]./.test(token.text)) return [token];
  const split: Token[] = [];
  for (let rest = token.text.slice(1); rest !== ""; rest = rest.slice(1)) {
    const key = rest.charAt(0);
    const at = known.indexOf(key);
    if (at < 0) return [token];
    split.push({ text: `-${key}`, key });
    if (known.charAt(at + 1) === ":" && rest.length > 1)
      return [...split, { text: rest.slice(1).replace(/^=/, "") }];
  }
  return split;
}
