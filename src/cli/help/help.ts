import type { ArgDef, ArgsDef } from "citty";
import { snakeCase } from "../../lib/letter-case.ts";
import { wrapText } from "../../ui/output/wrap.ts";

const width = 80;

/** A call as it is typed, and what it does in a few words. */
export type Example = readonly [call: string, effect: string];

/** At least three, for help, the manual page and the reference; a test parses each. */
export type Examples = readonly [Example, Example, Example, ...Example[]];

export interface CommandSummary {
  readonly name: string;
  readonly summary: string;
}

/** Everything that help shows of a command. */
export interface CommandPage extends CommandSummary {
  readonly description: string;
  readonly aliases: readonly string[];
  readonly args: ArgsDef;
  readonly examples: readonly Example[];
  /** Docker Compose's options that are accepted, where the page explains its command. */
  readonly composeOptions?: readonly (readonly [options: string, text: string])[];
}

/** Commands under one heading. */
export interface Topic<Command = CommandPage> {
  readonly title: string;
  readonly commands: readonly Command[];
}

/** The list of all commands, by topic. */
export function formatOverview(topics: readonly Topic<CommandSummary>[]): string {
  const longest = longestOf(topics.flatMap(({ commands }) => commands.map(({ name }) => name)));
  const sections = topics.flatMap(({ title, commands }) => [
    "",
    `${title}:`,
    ...commands.map(({ name, summary }) => `  ${name.padEnd(longest)}  ${summary}`),
  ]);
  return [
    "Usage: reyns COMMAND [SERVICE [INSTANCE]] [key=value ...]",
    ...sections,
    "",
    "COMMAND:SERVICE,key=value,... and --key value mean the same as key=value.",
    "With a compose.yaml, Docker Compose's calls work as well: reyns up -d --build,",
    "reyns -f FILE up, down -v, exec, logs -f, run --rm; see reyns help up.",
    "Help for a command, with examples: reyns help COMMAND",
    "The manual page: reyns help man | man -l -",
  ].join("\n");
}

/** Usage, arguments, keys and examples of a command, from the definitions that its calls are checked against. */
export function formatCommandHelp(page: CommandPage): string {
  const { name, description, aliases, args, examples, composeOptions = [] } = page;
  const sections = [
    `Usage: ${usageLine(name, args)}`,
    wrapText(description, width).join("\n"),
    aliases.length > 0 ? `Also called ${aliases.join(", ")}.` : "",
    formatSection("Arguments:", argumentRows(args)),
    formatSection("Options, as in Docker Compose:", composeOptions),
    formatSection("Keys:", keyRows(args)),
    formatSection("Examples:", examples),
  ];
  return sections.filter((text) => text !== "").join("\n\n");
}

/** `reyns build SERVICE [key=value ...]` */
export function usageLine(name: string, args: ArgsDef): string {
  const positionals = Object.entries(args)
    .filter(([, { type }]) => type === "positional")
    .map(([argument, { required }]) =>
      required === false ? `[${argument.toUpperCase()}]` : argument.toUpperCase(),
    );
  const keys = keyRows(args).length > 0 ? ["[key=value ...]"] : [];
  return ["reyns", name, ...positionals, ...keys].join(" ");
}

/** `getip (also ip)` */
export function commandNames({ name, aliases }: CommandPage): string {
  return aliases.length === 0 ? name : `${name} (also ${aliases.join(", ")})`;
}

/** What a command takes by position. */
export function argumentRows(args: ArgsDef): [argument: string, text: string][] {
  return Object.entries(args)
    .filter(([, { type }]) => type === "positional")
    .map(([name, { description = "" }]) => [name.toUpperCase(), description]);
}

/** What a command takes by name: `group=NAME`, or a bare `json`. */
export function keyRows(args: ArgsDef): [key: string, text: string][] {
  return Object.entries(args)
    .filter(([, { type }]) => type !== "positional")
    .map(([name, definition]) => [keyUsage(name, definition), describeKey(definition)]);
}

function keyUsage(name: string, definition: ArgDef): string {
  if (definition.type === "boolean") return snakeCase(name);
  const placeholder = definition.type === "enum" ? "TYPE" : "VALUE";
  return `${snakeCase(name)}=${definition.valueHint ?? placeholder}`;
}

function describeKey(definition: ArgDef): string {
  const accepted = definition.type === "enum" ? `. One of: ${definition.options?.join(", ")}` : "";
  const standard =
    definition.default === undefined ? "" : ` (default ${String(definition.default)})`;
  return `${definition.description ?? ""}${accepted}${standard}`;
}

/** Two columns; where the first leaves too little room for the second, each text goes on the line below. */
function formatSection(title: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return "";
  const longest = longestOf(rows.map(([name]) => name));
  const isBelow = width - longest - 4 < 24;
  const indent = " ".repeat(isBelow ? 6 : longest + 4);
  const lines = rows.flatMap(([name, text]) => {
    const [first = "", ...others] = wrapText(text, width - indent.length);
    const head = isBelow ? [`  ${name}`, indent + first] : [`  ${name.padEnd(longest)}  ${first}`];
    return [...head, ...others.map((line) => indent + line)];
  });
  return [title, ...lines].join("\n");
}

function longestOf(names: readonly string[]): number {
  return Math.max(0, ...names.map(({ length }) => length));
}
