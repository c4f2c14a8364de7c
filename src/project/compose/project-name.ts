import { basename } from "node:path";
import { interpolate } from "../../lib/interpolate.ts";
import type { FoundFiles } from "./find-files.ts";
import { readText } from "./load-file.ts";
import { parseYaml } from "./parse-yaml.ts";
import { createReport, type ComposeReport } from "./report.ts";
import { textOf, type SourceMap } from "./source-node.ts";

/** Compose's rule: COMPOSE_PROJECT_NAME, the key `name`, the name of the folder. */
export function projectNameOf(
  file: SourceMap,
  { folder, lookup, lineOf }: FoundFiles,
  report: ComposeReport,
): string {
  const fromCaller = lookup("COMPOSE_PROJECT_NAME");
  if (fromCaller) {
    if (normalizeName(fromCaller) !== fromCaller)
      report.error(
        lineOf("COMPOSE_PROJECT_NAME") ?? { file: file.at.file },
        "COMPOSE_PROJECT_NAME is not the name of a project",
        "use lower case letters, digits, _ and -, with a letter or digit first",
      );
    return fromCaller;
  }
  const name = normalizeName(textOf(file, "name") ?? "") || normalizeName(basename(folder));
  if (name === "")
    report.error({ file: file.at.file }, "the project has no name", "add a key: name: shop");
  return name;
}

/** The name before the files are read, for `${COMPOSE_PROJECT_NAME}` in them. */
export function nameInFiles({ files, folder, lookup }: FoundFiles): string {
  const report = createReport();
  const named = files.flatMap((file) => {
    const documents = parseYaml(readText(file, { file }, report) ?? "", file, report);
    return documents.map((document) => textOf(document, "name") ?? "");
  });
  const last = interpolate(named.findLast((name) => name !== "") ?? "", lookup).text;
  return normalizeName(last) || normalizeName(basename(folder));
}

function normalizeName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
}
