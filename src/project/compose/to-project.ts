import type { ComposeFile } from "./compose-file.ts";
import type { ComposePath, ComposeProject } from "./compose-project.ts";
import {
  isNull,
  placeInEnvFile,
  type SourceMap,
  type SourceNode,
  type SourceScalar,
} from "./source-node.ts";

/** The project of a whole file; the fields have checked that it has the shape of its type. */
export function toProject(
  file: SourceMap,
  rest: Pick<ComposeProject, "folder" | "files" | "enabled" | "warnings">,
): ComposeProject {
  return {
    ...rest,
    file: plainOf(file) as ComposeFile,
    placeOf: (path) => nearestNode(file, path).node.at,
    placeOfValue(path) {
      const { node, isExact } = nearestNode(file, path);
      return (isExact ? placeInEnvFile(node) : undefined) ?? node.at;
    },
    sourceOf(path) {
      const { node, isExact } = nearestNode(file, path);
      return isExact && node.kind === "scalar" && !isNull(node) ? node.source : undefined;
    },
  };
}

function plainOf(node: SourceNode): unknown {
  if (node.kind === "list") return node.items.map(plainOf);
  if (node.kind === "scalar") return plainScalar(node);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plainOf(entry)]));
}

function plainScalar({ type, text }: SourceScalar): string | number | boolean | null {
  if (type === "null") return null;
  if (type === "boolean") return text === "true";
  return type === "integer" || type === "float" ? Number(text) : text;
}

function nearestNode(
  file: SourceNode,
  path: ComposePath,
): { readonly node: SourceNode; readonly isExact: boolean } {
  let node = file;
  for (const step of path) {
    const next = childOf(node, step);
    if (next === undefined) return { node, isExact: false };
    node = next;
  }
  return { node, isExact: true };
}

function childOf(node: SourceNode, step: string | number): SourceNode | undefined {
  if (node.kind === "map") return node.entries.get(String(step));
  return node.kind === "list" ? node.items[Number(step)] : undefined;
}
