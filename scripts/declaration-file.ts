// Parses a declaration file: its top-level declarations with their comments, its imports and exports.
import type { Node, Statement, TSSignature } from "oxc-parser";
import { parseSync } from "oxc-parser";

/** A top-level declaration. */
export interface Declaration {
  readonly name: string;
  /** Its text without the comment, `export` and `declare`. */
  readonly text: string;
  /** The comment before it, with its line break; empty if there is none. */
  readonly comment: string;
  /** Name -> the type's members of that name, with their comments. */
  readonly members: ReadonlyMap<string, string>;
}

export interface Parsed {
  readonly declarations: readonly Declaration[];
  /** The files it imports from. */
  readonly imports: readonly string[];
  readonly program: readonly Statement[];
  readonly text: string;
}

/** @throws Error when the file is not valid TypeScript */
export async function parse(file: string): Promise<Parsed> {
  const text = await Bun.file(file).text();
  const { program, comments, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const commentBefore = (start: number): string => {
    const comment = comments.findLast(({ end }) => end <= start);
    if (!comment) return "";
    const isDoc = comment.value.startsWith("*") && text.slice(comment.end, start).trim() === "";
    return isDoc ? `${text.slice(comment.start, comment.end)}\n` : "";
  };
  const declarations = program.body.flatMap((statement) => {
    const inner = "declaration" in statement ? statement.declaration : statement;
    const name = inner === null ? undefined : nameOf(inner);
    if (!inner || name === undefined) return [];
    const members = new Map<string, string>();
    for (const member of membersOf(inner)) {
      const key = keyOf(member);
      const whole = commentBefore(member.start) + text.slice(member.start, member.end);
      if (key !== undefined) members.set(key, `${members.get(key) ?? ""}${whole}\n`);
    }
    const own = text.slice(inner.start, inner.end).replace(/^declare /, "");
    return { name, text: own, comment: commentBefore(statement.start), members };
  });
  const imports = program.body.flatMap((statement) =>
    "source" in statement && statement.source?.value.startsWith(".") ? statement.source.value : [],
  );
  return { declarations, imports, program: program.body, text };
}

function nameOf(node: Node): string | undefined {
  if (node.type === "VariableDeclaration") {
    const id = node.declarations[0]?.id;
    return id?.type === "Identifier" ? id.name : undefined;
  }
  return "id" in node && node.id && "name" in node.id ? node.id.name : undefined;
}

/** The members of an interface, or of the object type that a function returns. */
function membersOf(node: Node): readonly TSSignature[] {
  if (node.type === "TSInterfaceDeclaration") return node.body.body;
  if (!("returnType" in node)) return [];
  const returned = node.returnType?.typeAnnotation;
  return returned?.type === "TSTypeLiteral" ? returned.members : [];
}

function keyOf(member: TSSignature): string | undefined {
  return "key" in member && member.key.type === "Identifier" ? member.key.name : undefined;
}
