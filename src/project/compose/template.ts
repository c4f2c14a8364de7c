import { interpolate, splitTemplate } from "../../lib/interpolate.ts";
import type { TextPart } from "./compose-project.ts";
import type { Variables } from "./dotenv-files.ts";
import type { ComposeReport } from "./report.ts";
import { listLike, mapLike, type SourceNode, type SourceScalar } from "./source-node.ts";

/** Replaces the variables in all texts, and keeps what they were. Keys stay as they are. */
export function interpolateNode(
  node: SourceNode,
  variables: Variables,
  report: ComposeReport,
): SourceNode {
  if (node.kind === "list")
    return listLike(
      node,
      node.items.map((item) => interpolateNode(item, variables, report)),
    );
  if (node.kind === "map") {
    const entries = [...node.entries].map(
      ([key, entry]) => [key, interpolateNode(entry, variables, report)] as const,
    );
    return mapLike(node, entries);
  }
  return node.type === "string" && node.text.includes("$")
    ? interpolateScalar(node, variables, report)
    : node;
}

function interpolateScalar(
  node: SourceScalar,
  { lookup, lineOf }: Variables,
  report: ComposeReport,
): SourceScalar {
  const parts = [...splitTemplate(node.text)].map((part): TextPart => {
    if (typeof part === "string") return { text: part };
    const { text, errors, unset } = interpolate(part.raw, lookup);
    for (const { message, hint } of errors) report.error(node.at, message, hint);
    for (const name of unset)
      report.warn(node.at, `the variable ${name} is not set: it is left empty`, emptyHint(name));
    const { name, operator, word } = part;
    // The project's name is a fixed one in a reyns.ts.
    if (name === undefined || name === "$" || name === "COMPOSE_PROJECT_NAME") return { text };
    const setAt = text === lookup(name) ? lineOf(name) : undefined;
    return { text, variable: { name, operator, word }, ...(setAt && { setAt }) };
  });
  const text = parts.map((part) => part.text).join("");
  const hasVariable = parts.some(({ variable }) => variable !== undefined);
  const source = hasVariable ? ({ kind: "template", parts } as const) : undefined;
  return { ...node, text, source };
}

function emptyHint(name: string): string {
  return `set it in the environment or in .env, or write \${${name}:-} where it may be empty`;
}
