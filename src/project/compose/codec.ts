import type { ComposeReport } from "./report.ts";
import {
  isNull,
  notesOnVariables,
  placeInEnvFile,
  type SourceNode,
  type SourceScalar,
} from "./source-node.ts";

/** How a field is read, merged with that of another file, and completed when all files are read. */
export interface Codec {
  /** For messages: "a text", "a list of texts". */
  readonly expects: string;
  /** Those of a mapping with known keys; of a list or a mapping with others, those of each entry. */
  readonly fields?: Readonly<Record<string, Codec>> | undefined;
  /** The canonical form; undefined if it is wrong, which it has reported. */
  readonly read: (node: SourceNode, context: ReadContext) => SourceNode | undefined;
  /** What a later file's value makes of an earlier one; both are canonical. */
  readonly merge: (base: SourceNode, over: SourceNode) => SourceNode;
  /** The final form; undefined for a value that is the same as none. */
  readonly finish: (node: SourceNode, context: FinishContext) => SourceNode | undefined;
}

export interface FinishContext {
  readonly report: ComposeReport;
  /** "services.web.ports" */
  readonly name: string;
}

export interface ReadContext extends FinishContext {
  /** Folder that relative paths in the file are relative to. */
  readonly folder: string;
  /** The caller's home, for `~`. */
  readonly home: string | undefined;
}

/** The context of an entry. */
export function at<Context extends FinishContext>(context: Context, key: string | number): Context {
  const name = context.name === "" ? String(key) : `${context.name}.${key}`;
  return { ...context, name };
}

/** Reports a value that is not of the kind that a field takes. */
export function reportWrong(
  node: SourceNode,
  { report, name }: FinishContext,
  expects: string,
): undefined {
  const found = `not ${describe(node)}`;
  const quotable =
    node.kind === "scalar" && !["string", "null"].includes(node.type) && /\btext\b/.test(expects);
  const hint = quotable ? `write it in quotation marks: "${node.text}"` : undefined;
  report.error(node.at, `${name === "" ? "the file" : name} has to be ${expects}, ${found}`, hint);
  return undefined;
}

/** Reports a value of the right kind that is wrong, where it comes from: at a line of an env file if that has all of it. */
export function reportValue(
  node: SourceScalar,
  report: ComposeReport,
  message: string,
  hint?: string,
): void {
  const place = placeInEnvFile(node);
  if (place) return report.error(place, message, hint);
  const hints = [hint, ...notesOnVariables(node)].filter((text) => text !== undefined);
  report.error(node.at, message, hints.length === 0 ? undefined : hints.join("; "));
}

const kinds = {
  string: "a text",
  integer: "a number",
  float: "a number",
  boolean: "a boolean",
  null: "empty",
  date: "a date",
} as const;

function describe(node: SourceNode): string {
  if (node.kind === "scalar") return kinds[node.type];
  return node.kind === "list" ? "a list" : "a mapping";
}

/** A value as a message may show it: one that a variable gave may be a secret. */
export function shown({ text, source }: SourceScalar): string {
  return source === undefined ? `"${text}"` : "the value that its variable gives it";
}

/** Merging of what is replaced as a whole; an empty value leaves the earlier one. */
export function replaceUnlessNull(base: SourceNode, over: SourceNode): SourceNode {
  return isNull(over) ? base : over;
}
