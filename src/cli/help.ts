import type { ArgDef, ArgsDef } from "citty";
import { snakeCase } from "./raw-args.ts";
import { wrapped } from "./wrapped.ts";

const width = 80;

/** A call as it is typed, and in a few words what it is good for. */
export type Example = readonly [line: string, does: string];

/** At least three, for help, the manual page and the reference; a test parses each. */
export type Examples = readonly [Example, Example, Example, ...Example[]];

interface Summary {
  readonly name: string;
  readonly summary: string;
}

/** The list of all commands, by topic. */
export function overview(topics: readonly (readonly [string, readonly Summary[]])[]): string {
  const longest = Math.max(...topics.flatMap(([, list]) => list.map(({ name }) => name.length)));
  return [
    "Usage: reyns COMMAND [SERVICE [INSTANCE]] [key=value ...]",
    ...topics.map(([title, list]) =>
      [
        `${title}:`,
        ...list.map(({ name, summary }) => `  ${name.padEnd(longest)}  ${summary}`),
      ].join("\n"),
    ),
    [
      "The form COMMAND:SERVICE,key=value,... means the same, and so does --key value.",
      "More of a command, with examples: reyns help COMMAND",
    ].join("\n"),
  ].join("\n\n");
}

interface Command {
  readonly name: string;
  readonly description: string;
  readonly aliases: readonly string[];
  readonly args: ArgsDef;
  readonly examples: readonly Example[];
}

/** Synopsis, words, keys and examples of one command, from the same definitions that its call is checked against. */
export function commandHelp({ name, description, aliases, args, examples }: Command): string {
  const all = Object.entries(args);
  const words = all.filter(([, { type }]) => type === "positional");
  const keys = all.filter(([, { type }]) => type !== "positional");
  const sections = [
    `Usage: ${synopsis(name, args)}`,
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
    section("Examples:", examples),
  ];
  return sections.filter((text) => text !== "").join("\n\n");
}

/** `reyns run [SERVICE] [INSTANCE] [key=value ...]` */
function synopsis(name: string, args: ArgsDef): string {
  const all = Object.entries(args);
  const words = all.filter(([, { type }]) => type === "positional");
  return [
    "reyns",
    name,
    ...words.map(([word]) => `[${word.toUpperCase()}]`),
    ...(all.length > words.length ? ["[key=value ...]"] : []),
  ].join(" ");
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
