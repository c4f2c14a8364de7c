import type { ArgDef, ArgsDef } from "citty";
import { snakeCase } from "./raw-args.ts";
import { wrapped } from "./wrapped.ts";

const width = 80;

/** The list of all commands. */
export function overview(
  commands: readonly { readonly name: string; readonly summary: string }[],
): string {
  const longest = Math.max(...commands.map(({ name }) => name.length));
  return [
    "Usage: reyns COMMAND [SERVICE [INSTANCE]] [key=value ...]",
    "",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(longest)}  ${summary}`),
    "",
    "The form COMMAND:SERVICE,key=value,... means the same, and so does --key value.",
    "More of a command: reyns help COMMAND",
  ].join("\n");
}

interface Command {
  readonly name: string;
  readonly description: string;
  readonly aliases: readonly string[];
  readonly args: ArgsDef;
}

/** Synopsis, words and keys of one command, from the same definitions that its call is checked against. */
export function commandHelp({ name, description, aliases, args }: Command): string {
  const all = Object.entries(args);
  const words = all.filter(([, { type }]) => type === "positional");
  const keys = all.filter(([, { type }]) => type !== "positional");
  const synopsis = [
    "Usage: reyns",
    name,
    ...words.map(([word]) => `[${word.toUpperCase()}]`),
    ...(keys.length > 0 ? ["[key=value ...]"] : []),
  ];
  const sections = [
    synopsis.join(" "),
    wrapped(description, width).join("\n"),
    ...(aliases.length > 0 ? [`Also called ${aliases.join(", ")}.`] : []),
    section(
      "Words:",
      words.map(([word, definition]) => [word.toUpperCase(), definition.description ?? ""]),
    ),
    section(
      "Keys:",
      keys.map(([key, definition]) => [keyText(key, definition), keyDescription(definition)]),
    ),
  ];
  return sections.filter((text) => text !== "").join("\n\n");
}

function keyText(key: string, definition: ArgDef): string {
  if (definition.type === "boolean") return snakeCase(key);
  const standard = definition.type === "enum" ? "TYPE" : "VALUE";
  const value = ("valueHint" in definition && definition.valueHint) || standard;
  return `${snakeCase(key)}=${value}`;
}

function keyDescription(definition: ArgDef): string {
  const accepted = definition.type === "enum" ? `: ${definition.options?.join(", ")}` : "";
  const standard =
    definition.default === undefined ? "" : ` (default ${String(definition.default)})`;
  return `${definition.description ?? ""}${accepted}${standard}`;
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return "";
  const longest = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.flatMap(([name, text]) => {
    const [first = "", ...more] = wrapped(text, width - longest - 4);
    return [
      `  ${name.padEnd(longest)}  ${first}`,
      ...more.map((line) => " ".repeat(longest + 4) + line),
    ];
  });
  return [title, ...lines].join("\n");
}
