import { secretName } from "../../../model/secret-names.ts";
import type { ComposePath, ComposeProject, ComposeVariable, TextPart } from "../compose-project.ts";
import { Code } from "./code.ts";
import { templateSource, type TemplateValue } from "./sources.ts";

/** What the values of a project are written with, and what is to be said of them. */
export interface ValuePrinter {
  readonly project: Pick<ComposeProject, "sourceOf">;
  /** Values of this host, for `host.conf`: those that `.env` gives to variables. */
  readonly hostValues: Record<string, string>;
  /** The caller's variables and those of `.env`. */
  readonly given: Readonly<Record<string, string | undefined>>;
  readonly notes: string[];
  /** Values with variables that are written as they are now, and their services. */
  readonly lost: { readonly name: string; readonly template: TemplateValue }[];
}

/** A variable of the environment, as `required()`, `variable()`, or the text that it is. */
export function envValue(
  name: string,
  value: unknown,
  path: ComposePath,
  printer: ValuePrinter,
): unknown {
  const source = printer.project.sourceOf(path);
  if (source?.kind === "variable") return variableCall(source.name, "", printer);
  if (source?.kind !== "template") return value;
  const [part, ...others] = source.parts.filter(({ text, variable }) => variable || text !== "");
  const code =
    part?.variable && others.length === 0
      ? wholeVariable(name, part.variable, printer)
      : templateText(source.parts);
  if (!code) printer.notes.push(fixedNote(name, source.parts));
  return code ?? value;
}

function wholeVariable(
  key: string,
  { name, operator, word }: ComposeVariable,
  printer: ValuePrinter,
): Code | undefined {
  if (operator === ":?" || operator === "?") return requiredCall(key, name, word, printer);
  if (operator === "" || ((operator === ":-" || operator === "-") && !word.includes("$")))
    return variableCall(name, word, printer);
  return templateText([{ text: "", variable: { name, operator, word } }]);
}

/** `required()` looks for the variable under the name that it has in the container: a text about another one misleads. */
function requiredCall(key: string, name: string, word: string, printer: ValuePrinter): Code {
  const description = key === name ? word : `${name} in Compose`;
  const options = {
    ...(secretName.test(key) || secretName.test(name) ? { secret: true } : {}),
    ...(description === "" ? {} : { description }),
  };
  if (key !== name)
    printer.notes.push(
      `${key} is asked for under its own name, not as ${name}: set ${key} in the environment or in host.conf`,
    );
  keepHostValue(key, name, printer);
  const entries = Object.entries(options).map(([option, value]) => `${option}: ${quote(value)}`);
  return new Code(entries.length === 0 ? "required()" : `required({ ${entries.join(", ")} })`);
}

function variableCall(name: string, fallback: string, printer: ValuePrinter): Code {
  keepHostValue(name, name, printer);
  return new Code(`variable(${quote(name)}, ${quote(fallback)})`);
}

/** Keeps what `.env` says for this host. */
export function keepHostValue(
  key: string,
  name: string,
  { given, hostValues }: ValuePrinter,
): void {
  const value = given[name];
  if (value !== undefined) hostValues[key] = value;
}

/** For a value with variables that is written as the text that it is now. */
export function fixedNote(field: string, parts: readonly TextPart[]): string {
  return `${field} has the value of now instead of ${templateSource(parts)}`;
}

/** A text with variables, as a template of `env`; undefined where that cannot be written. */
export function templateText(parts: readonly TextPart[]): Code | undefined {
  const pieces = joinTexts(parts).map(({ text, variable }) =>
    variable ? expression(variable) : escapeTemplate(text),
  );
  return pieces.includes(undefined) ? undefined : new Code(`\`${pieces.join("")}\``);
}

/** A dollar sign and a brace may be in two texts, and mean something together. */
function joinTexts(parts: readonly TextPart[]): TextPart[] {
  const joined: TextPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (!last || last.variable || part.variable) joined.push(part);
    else joined.splice(-1, 1, { text: last.text + part.text });
  }
  return joined;
}

function expression({ name, operator, word }: ComposeVariable): string | undefined {
  if (word.includes("$")) return undefined;
  const variable = /^[A-Za-z_]\w*$/.test(name) ? `env.${name}` : undefined;
  switch (operator) {
    case "":
      return `\${${variable} ?? ""}`;
    case "-":
      return `\${${variable} ?? ${quote(word)}}`;
    case "?":
      return `\${${variable} ?? ${missingCall(name, word)}}`;
    case ":-":
      return `\${${variable} || ${quote(word)}}`;
    case ":?":
      return `\${${variable} || ${missingCall(name, word)}}`;
    case ":+":
      return `\${${variable} ? ${quote(word)} : ""}`;
    default:
      return `\${${variable} === undefined ? "" : ${quote(word)}}`;
  }
}

/** In a text, where `required()` cannot stand. The function is written into the file. */
function missingCall(name: string, word: string): string {
  return `missing(${[name, ...(word === "" ? [] : [word])].map(quote).join(", ")})`;
}

function escapeTemplate(text: string): string {
  return text.replaceAll(/[\\`]|\$(?=\{)/g, "\\$&");
}

function quote(value: unknown): string {
  return JSON.stringify(value);
}
