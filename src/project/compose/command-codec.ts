import { reportValue, reportWrong, type Codec, type ReadContext } from "./codec.ts";
import { list } from "./collection-codecs.ts";
import { text } from "./scalar-codecs.ts";
import { listLike, pieceOf, type SourceNode, type SourceScalar } from "./source-node.ts";
import { splitCommand } from "./words.ts";

const words = list(text);
const expects = "a text or a list of texts";

/** A command: a list of words, a text that is split into words, or empty for the image's. */
export const command: Codec = {
  expects,
  read(node, context) {
    if (node.kind === "list") return words.read(node, context);
    if (node.kind !== "scalar") return reportWrong(node, context, expects);
    if (node.type === "null") return node;
    return node.type === "string" ? splitWords(node, context) : reportWrong(node, context, expects);
  },
  merge: (_, over) => over,
  // An empty list counts: it takes the image's command away.
  finish: (node) => (node.kind === "list" ? node : undefined),
};

function splitWords(node: SourceScalar, { report, name }: ReadContext): SourceNode | undefined {
  const split = splitCommand(node.text);
  if (split.words === undefined) {
    reportValue(
      node,
      report,
      `${name} has a quotation mark or bracket that is not closed`,
      'write a list of words, ["sh", "-c", "…"] for a shell',
    );
    return undefined;
  }
  if (split.end < node.text.length)
    report.warn(
      node.at,
      `${name} ends before "${node.text[split.end] ?? ""}": there is no shell that reads what follows`,
      'write ["sh", "-c", "…"] for a shell',
    );
  return listLike(
    node,
    split.words.map((pieces) => pieceOf(node, ...pieces)),
  );
}

/** The test of a health check: a text is for a shell. */
export const healthTest: Codec = {
  expects,
  read(node, context) {
    if (node.kind !== "scalar" || node.type !== "string") return words.read(node, context);
    const shell: SourceScalar = { kind: "scalar", type: "string", text: "CMD-SHELL", at: node.at };
    return listLike(node, [shell, node]);
  },
  merge: (_, over) => over,
  finish: (node, context) => words.finish(node, context),
};
