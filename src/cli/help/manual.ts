import type { Topic } from "./help.ts";
import { argumentRows, commandNames, keyRows, usageLine } from "./help.ts";
import { environment, exitNote, exitStatuses, files, type HelpEntry } from "./reference-text.ts";

/**
 * The manual page, in the format of man(7): `reyns help man | man -l -`.
 *
 * @param version for the footer of the page
 */
export function formatManual(topics: readonly Topic[], version: string): string {
  return [
    `.TH REYNS 1 "" "reyns ${version}" "Reyns"`,
    ".SH NAME",
    escapeRoff("reyns - orchestrate services on Docker, on one machine or several"),
    ".SH SYNOPSIS",
    `.B ${escapeRoff("reyns")}`,
    escapeRoff("COMMAND [SERVICE [INSTANCE]] [key=value ...] [--key value ...]"),
    ".br",
    `.B ${escapeRoff("reyns")}`,
    escapeRoff("COMMAND:SERVICE[,INSTANCE][,key=value ...]"),
    ".SH DESCRIPTION",
    ...descriptionLines.map(escapeRoff),
    ...topics.flatMap(topicLines),
    ".SH ENVIRONMENT",
    ...environment.flatMap(entryLines),
    ".SH FILES",
    ...files.flatMap(entryLines),
    ".SH EXIT STATUS",
    ...exitStatuses.flatMap(entryLines),
    ".PP",
    escapeRoff(exitNote),
    "",
  ].join("\n");
}

const descriptionLines = [
  "A project is a folder with a reyns.ts, which defines the instances of its services, or with a compose.yaml.",
  "It is searched for from the current folder upwards.",
  "The two forms of a call are equivalent.",
  "Docker Compose's commands and options, such as up -d, down -v and -f FILE, are accepted as well.",
  "A boolean key needs no value: json means json=true.",
  "Results go to standard output, everything else to standard error.",
];

function topicLines({ title, commands }: Topic): string[] {
  return [
    `.SH ${quoteRoff(title.toUpperCase())}`,
    ...commands.flatMap((command) => [
      `.SS ${quoteRoff(commandNames(command))}`,
      `.B ${escapeRoff(usageLine(command.name, command.args))}`,
      ".PP",
      escapeRoff(command.description),
      ...[...argumentRows(command.args), ...keyRows(command.args)].flatMap(entryLines),
      ".PP",
      "Examples:",
      ...command.examples.flatMap(entryLines),
    ]),
  ];
}

function entryLines([name, text]: HelpEntry): string[] {
  return [".TP", `.B ${escapeRoff(name)}`, escapeRoff(text)];
}

/** Escapes requests, backslashes, quotes, and hyphens, which groff may print as another character. */
function escapeRoff(text: string): string {
  const escaped = text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll('"', "\\(dq");
  return escaped
    .replace(/^[.']/, "\\&$&")
    .replaceAll("'", "\\(aq")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti");
}

function quoteRoff(text: string): string {
  return `"${escapeRoff(text)}"`;
}
