/** Returns the value of a variable; undefined if it is not set. */
export type Lookup = (name: string) => string | undefined;

export interface Interpolated {
  readonly text: string;
  /** Variables without a value and without a default: an empty text took their place. */
  readonly unset: readonly string[];
  /** They quote no value. */
  readonly errors: readonly InterpolationError[];
}

interface InterpolationError {
  readonly message: string;
  readonly hint: string;
}

/**
 * Replaces `$NAME`, `${NAME}` and the forms with an operator: `${NAME:-default}`, `${NAME-default}`, `${NAME:+other}`,
 * `${NAME+other}`, `${NAME:?message}`, `${NAME?message}`. With a colon, an empty value counts as unset. Defaults may
 * contain further variables. `$$` is a dollar sign; a `$` before anything else stays.
 *
 * @see https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md
 */
export function interpolate(text: string, lookup: Lookup): Interpolated {
  const unset: string[] = [];
  const errors: InterpolationError[] = [];
  const expand = (part: string): string =>
    Array.from(splitTemplate(part), (piece) =>
      typeof piece === "string" ? piece : evaluate(piece),
    ).join("");
  const evaluate = ({ name, operator, word }: VariableReference): string => {
    if (name === "$") return "$";
    if (name === undefined) return fail(invalidVariable);
    const value = lookup(name);
    const isSet = value !== undefined && !(operator.startsWith(":") && value === "");
    if (operator.endsWith("+")) return isSet ? expand(word) : "";
    if (isSet) return value;
    if (operator.endsWith("-")) return expand(word);
    if (operator.endsWith("?")) return fail(missingVariable(name, word));
    unset.push(name);
    return "";
  };
  const fail = (error: InterpolationError): string => {
    errors.push(error);
    return "";
  };
  return { text: expand(text), unset, errors };
}

/** A variable in a text: `${NAME:-word}`. */
export interface VariableReference {
  /** As it stands in the text. */
  readonly raw: string;
  /** `$` for an escaped dollar sign; undefined if it is invalid. */
  readonly name: string | undefined;
  readonly operator: string;
  /** Text behind the operator. */
  readonly word: string;
}

/** Splits a text into what stays and what is replaced. */
export function* splitTemplate(text: string): Generator<string | VariableReference> {
  let rest = text;
  for (let found = nextVariable(rest); found; found = nextVariable(rest)) {
    if (found.start > 0) yield rest.slice(0, found.start);
    const end = found.start + found.reference.raw.length;
    yield found.reference;
    rest = rest.slice(end);
  }
  if (rest !== "") yield rest;
}

function nextVariable(
  text: string,
): { readonly start: number; readonly reference: VariableReference } | undefined {
  const match = /\$(?:(\$)|([a-z_]\w*)|\{)/i.exec(text);
  if (!match) return undefined;
  const { index: start, 0: raw } = match;
  const plain = match[1] ?? match[2];
  if (plain !== undefined)
    return { start, reference: { raw, name: plain, operator: "", word: "" } };
  const end = closingBrace(text, start + 1);
  const inner = /^([a-z_]\w*)(?:(:?[-+?])([^]*))?$/i.exec(text.slice(start + 2, end));
  const [, name, operator = "", word = ""] = (end === undefined ? undefined : inner) ?? [];
  const whole = text.slice(start, end === undefined ? text.length : end + 1);
  return { start, reference: { raw: whole, name, operator, word } };
}

/** The brace that closes the one at `open`. */
function closingBrace(text: string, open: number): number | undefined {
  let depth = 0;
  for (let index = open; index < text.length; index += 1) {
    if (text[index] === "{") depth += 1;
    else if (text[index] === "}") depth -= 1;
    if (depth === 0) return index;
  }
  return undefined;
}

const invalidVariable = {
  message: "invalid variable after a dollar sign",
  hint: "write ${NAME} or ${NAME:-default}, with letters, digits and underscores in the name; write $$ for a dollar sign",
};

function missingVariable(name: string, reason: string): InterpolationError {
  const message = `the variable ${name} has no value${reason === "" ? "" : `: ${reason}`}`;
  return { message, hint: `set it in the environment or in .env: ${name}=VALUE` };
}

/** The name of the variable that an error says has no value. */
export function missingVariableIn(message: string): string | undefined {
  return /^the variable (\w+) has no value/.exec(message)?.[1];
}
