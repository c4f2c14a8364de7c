import type { ArgDef, ArgsDef } from "citty";
import { snakeCase } from "../args/parse.ts";
import { wrapped } from "../../ui/output/wrap.ts";

const width = 80;

/** A call as it is typed, and in a few words what it is good for. */
export type Example = readonly [line: string, does: string];

/** At least three, for help, the manual page and the reference; a test parses each. */
export type Examples = readonly [Example, Example, Example, ...Example[]];

/** All that is known of a command without calling it. */
export interface CommandPage {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly aliases: readonly string[];
  readonly args: ArgsDef;
  readonly examples: readonly Example[];
}

/** Commands that belong together. */
export interface Topic<Command = CommandPage> {
  readonly title: string;
  readonly commands: readonly Command[];
}

/** The list of all commands, by topic. */
export function overview(topics: readonly Topic<Pick<CommandPage, "name" | "summary">>[]): string {
  // In loops: the first call of `map` and its like takes 0.07 ms.
  let longest = 0;
  for (const { commands } of topics)
    for (const { name } of commands) longest = Math.max(longest, name.length);
  const lines = ["Usage: reyns COMMAND [SERVICE [INSTANCE]] [key=value ...]"];
  for (const { title, commands } of topics) {
    lines.push("", `${title}:`);
    for (const { name, summary } of commands) lines.push(`  ${name.padEnd(longest)}  ${summary}`);
  }
  lines.push(
    "",
    "The form COMMAND:SERVICE,key=value,... means the same, and so does --key value.",
    "More of a command, with examples: reyns help COMMAND",
    "All of it as a manual page: reyns help man | man -l -",
  );
  return lines.join("\n");
}

/** Synopsis, words, keys and examples of one command, from the same definitions that its call is checked against. */
export function commandHelp({ name, description, aliases, args, examples }: CommandPage): string {
  const sections = [
    `Usage: ${synopsis(name, args)}`,
    wrapped(description, width).join("\n"),
    ...(aliases.length > 0 ? [`Also called ${aliases.join(", ")}.`] : []),
    section("Words:", wordRows(args)),
    section("Keys:", keyRows(args)),
    section("Examples:", examples),
  ];
  return sections.filter((text) => text !== "").join("\n\n");
}

/** `reyns run [SERVICE] [INSTANCE] [key=value ...]` */
export function synopsis(name: string, args: ArgsDef): string {
  const hasKeys = keyRows(args).length > 0;
  const words = wordRows(args).map(([word]) => `[${word}]`);
  return ["reyns", name, ...words, ...(hasKeys ? ["[key=value ...]"] : [])].join(" ");
}

/** `getip (also ip)` */
export function commandNames({ name, aliases }: CommandPage): string {
  return aliases.length === 0 ? name : `${name} (also ${aliases.join(", ")})`;
}

/** What a command takes by its place. */
export function wordRows(args: ArgsDef): [word: string, text: string][] {
  const words = Object.entries(args).filter(([, { type }]) => type === "positional");
  return words.map(([word, { description = "" }]) => [word.toUpperCase(), description]);
}

/** What it takes by name: `group=NAME`, or a bare `json`. */
export function keyRows(args: ArgsDef): [key: string, text: string][] {
  const keys = Object.entries(args).filter(([, { type }]) => type !== "positional");
  return keys.map(([key, definition]) => [keyText(key, definition), keyDescription(definition)]);
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

/** Two columns; where the first leaves too little for the second, each text goes below its word. */
function section(title: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return "";
  const longest = Math.max(...rows.map(([name]) => name.length));
  const isBelow = width - longest - 4 < 24;
  const indent = isBelow ? 6 : longest + 4;
  const lines = rows.flatMap(([name, text]) => {
    const [first = "", ...more] = wrapped(text, width - indent).map(
      (line) => " ".repeat(indent) + line,
    );
    if (isBelow) return [`  ${name}`, first, ...more];
    return [`  ${name.padEnd(longest)}  ${first.slice(indent)}`, ...more];
  });
  return [title, ...lines].join("\n");
}
