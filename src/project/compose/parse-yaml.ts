import { parseAllDocuments, type Document, type Node as YamlNode } from "yaml";
import type { Place } from "../../errors.ts";
import { createPlaces } from "../../lib/line-places.ts";
import { readDocument } from "./read-document.ts";
import type { ComposeReport } from "./report.ts";
import type { SourceNode } from "./source-node.ts";

/** One mistake may cause several errors behind it. */
const mostSyntaxErrors = 3;

/** Parses all documents of a file. What is wrong is reported; a document with syntax errors is left out. */
export function parseYaml(text: string, file: string, report: ComposeReport): SourceNode[] {
  const placeOfOffset = createPlaces(text);
  const placeAt = (offset: number): Place => ({ file, ...placeOfOffset(offset) });
  const documents = parseDocuments(text);
  if (documents === undefined) report.error({ file }, "the file is nested too deeply");
  return (documents ?? []).flatMap((document) => {
    const [first] = document.errors;
    const variable = first && variableAt(first.pos[0], text);
    if (variable) {
      const message = `not valid YAML: ${variable.text} has braces of its own between others`;
      const hint = `put the value in quotation marks: "${variable.text}"`;
      report.error(placeAt(variable.start), message, hint);
      return [];
    }
    const errors = document.errors.slice(0, mostSyntaxErrors);
    for (const { message, pos } of errors)
      report.error(placeAt(pos[0]), `not valid YAML: ${lowerFirst(message)}`, hintFor(message));
    const node = errors.length > 0 ? undefined : readDocument(document, { placeAt, report });
    return node === undefined ? [] : [node];
  });
}

/** The variable that a syntax error is about: between [ ] or { }, its own braces would begin a mapping. */
function variableAt(
  position: number,
  text: string,
): { readonly text: string; readonly start: number } | undefined {
  const start = text.lastIndexOf("${", position);
  const [variable] = /^\$\{[^{}\n]*\}/.exec(text.slice(start)) ?? [];
  return start < 0 || position - start > 2 || variable === undefined
    ? undefined
    : { text: variable, start };
}

function parseDocuments(text: string): readonly Document[] | undefined {
  try {
    // Plain scalars stay texts. Equal keys are found when the document is read: here, that takes time quadratic in them.
    return parseAllDocuments<YamlNode>(text, {
      schema: "failsafe",
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "silent",
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function hintFor(message: string): string | undefined {
  if (/tab/i.test(message)) return "indent with spaces";
  if (/alias/i.test(message)) return "define it before it is used: &NAME";
  return undefined;
}
