import type { Topic } from "./help.ts";
import { commandNames, keyRows, synopsis, wordRows } from "./help.ts";
import { environment, exitNote, exitStatuses, files, type Fact } from "./reference-text.ts";

/**
 * The manual page of everything, as man(7) wants it: `reyns help man=true | man -l -`.
 *
 * @param version of the executable, for the page's last line
 */
export function manualPage(topics: readonly Topic[], version: string): string {
  return [
    `.TH REYNS 1 "" "reyns ${version}" "Reyns"`,
    ".SH NAME",
    plain("reyns - orchestrates services on Docker, on one machine or a few"),
    ".SH SYNOPSIS",
    `.B ${plain("reyns")}`,
    plain("COMMAND [SERVICE [INSTANCE]] [key=value ...] [--key value ...]"),
    ".br",
    `.B ${plain("reyns")}`,
    plain("COMMAND:SERVICE[,INSTANCE][,key=value ...]"),
    ".SH DESCRIPTION",
    ...descriptionLines.map(plain),
    ...topics.flatMap(topicLines),
    ".SH ENVIRONMENT",
    ...environment.flatMap(factLines),
    ".SH FILES",
    ...files.flatMap(factLines),
    ".SH EXIT STATUS",
    ...exitStatuses.flatMap(factLines),
    ".PP",
    plain(exitNote),
    "",
  ].join("\n");
}

const descriptionLines = [
  "A project is a folder with a reyns.ts, which defines the instances of its services.",
  "It is found from the current folder upwards.",
  "Both forms of a call mean the same.",
  "A key that is a switch needs no value: json is json=true.",
  "Results go to standard output, everything else to standard error.",
];

function topicLines({ title, commands }: Topic): string[] {
  return [
    `.SH ${quoted(title.toUpperCase())}`,
    ...commands.flatMap((command) => [
      `.SS ${quoted(commandNames(command))}`,
      `.B ${plain(synopsis(command.name, command.args))}`,
      ".PP",
      plain(command.description),
      ...[...wordRows(command.args), ...keyRows(command.args)].flatMap(factLines),
      ".PP",
      "Examples:",
      ...command.examples.flatMap(factLines),
    ]),
  ];
}

function factLines([word, text]: Fact): string[] {
  return [".TP", `.B ${plain(word)}`, plain(text)];
}

/** Nothing in it is taken for a request, an escape, or a hyphen that may be bent. */
function plain(text: string): string {
  const escaped = text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll('"', "\\(dq");
  return escaped
    .replace(/^[.']/, "\\&$&")
    .replaceAll("'", "\\(aq")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti");
}

function quoted(text: string): string {
  return `"${plain(text)}"`;
}
