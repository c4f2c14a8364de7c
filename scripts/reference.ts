// Makes docs/reference.md of the definitions that calls are checked against, and of the types of src/api.
// Usage: bun run reference
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { environment, exitNote, exitStatuses, files } from "../src/cli/help/reference-text.ts";
import { commandNames, keyRows, synopsis, wordRows } from "../src/cli/help/help.ts";
import type { CommandPage, Topic } from "../src/cli/help/help.ts";
import { allPages } from "../src/cli/help/pages.ts";
import { parse } from "./declaration-file.ts";

const root = dirname(import.meta.dir);
const target = join(root, "docs/reference.md");

type Row = readonly [word: string, ...texts: string[]];

/** A table of Markdown; the first column is code. */
function table(titles: Row, rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");
  const body = rows.map(([word, ...texts]) => line([`\`${cell(word)}\``, ...texts.map(cell)]));
  return [line(titles), line(titles.map(() => "---")), ...body].join("\n");
}

function commandText(command: CommandPage): string {
  const { name, args, description, examples } = command;
  const longest = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, does]) => `${line.padEnd(longest)}  # ${does}`);
  return [
    `### ${commandNames(command)}`,
    `\`${synopsis(name, args)}\``,
    description,
    table(["word or key", "what it is"], [...wordRows(args), ...keyRows(args)]),
    ["```", ...lines, "```"].join("\n"),
  ].join("\n\n");
}

function topicText({ title, commands }: Topic): string {
  return [`## ${title}`, ...commands.map(commandText)].join("\n\n");
}

/** What a comment says, in one line; its example comes last. */
function commentText(comment: string): string {
  const text = comment.replaceAll(/^\s*(\/\*\*|\*\/|\*(?!\/))|\*\/\s*$/gm, " ").trim();
  const [says = "", example] = text.split("@example").map((part) => part.trim());
  return [says, ...(example === undefined ? [] : [`For example \`${example}\``])].join(" ").trim();
}

/** Field, type and comment of each member of an interface. */
function fieldRows(members: ReadonlyMap<string, string>): Row[] {
  return [...members].map(([name, whole]): Row => {
    const [, comment = "", type = ""] =
      /^(\/\*\*[^]*?\*\/\s*)?(?:readonly )?\w+\??: ([^]*?);?\s*$/.exec(whole) ?? [];
    return [name, `\`${plainType(type)}\``, commentText(comment)];
  });
}

function plainType(type: string): string {
  const oneLine = type.replaceAll("readonly ", "").replaceAll(/\s+/g, " ");
  return oneLine.replaceAll(/Readonly<(Record<.*?>)>(?!>)/g, "$1").replace(/^\| /, "");
}

const interfaces = {
  ServiceOptions: "Fields of service()",
  ContainerOptions: "Fields of its container",
  DnsOptions: "Fields of dns() besides",
  BuildOptions: "Fields of build",
  HealthcheckOptions: "Fields of healthcheck",
} as const;

async function fieldsText(): Promise<string> {
  const { declarations } = await parse(join(root, "src/api/options.ts"));
  const sections = Object.entries(interfaces).map(([name, title]) => {
    const members = declarations.find((one) => one.name === name)?.members;
    if (!members) throw new Error(`src/api/options.ts has no ${name}`);
    return `## ${title}\n\n${table(["field", "type", "what it is"], fieldRows(members))}`;
  });
  return sections.join("\n\n");
}

/** The whole page. */
export async function referenceText(): Promise<string> {
  return `${[
    "# Reference",
    "Made by `bun run reference` of the definitions that every call is checked against; `reyns help COMMAND` says the same. [reyns-ts.md](reyns-ts.md) explains the fields, this page lists them.",
    ...(await allPages()).map(topicText),
    await fieldsText(),
    "## Environment",
    "Besides the variables that instances ask for:",
    table(["variable", "what it is"], environment),
    "## Files of a project",
    table(["file", "what it is"], files),
    "## Exit status",
    table(["status", "when"], exitStatuses),
    exitNote,
  ].join("\n\n")}\n`;
}

if (import.meta.main) await writeFile(target, await referenceText());
