import { isRecord } from "../../../lib/is-record.ts";
import type { ComposePath, ComposeProject, TextPart } from "../compose-project.ts";

/** A value of a service that has variables in the file. */
export interface TemplateValue {
  readonly path: ComposePath;
  readonly parts: readonly TextPart[];
}

/** The values below a path that have variables in the file. */
export function findTemplates(
  { sourceOf }: Pick<ComposeProject, "sourceOf">,
  value: unknown,
  path: ComposePath,
): TemplateValue[] {
  const source = sourceOf(path);
  if (source?.kind === "template" && source.parts.some(({ variable }) => variable))
    return [{ path, parts: source.parts }];
  const items = Array.isArray(value)
    ? value.map((item: unknown, index) => [index, item] as const)
    : Object.entries(isRecord(value) ? value : {});
  return items.flatMap(([key, item]) => findTemplates({ sourceOf }, item, [...path, key]));
}

/** A text as it stands in the file: "${TAG:-17}". */
export function templateSource(parts: readonly TextPart[]): string {
  return parts
    .map(({ text, variable }) =>
      variable ? `\${${variable.name}${variable.operator}${variable.word}}` : text,
    )
    .join("");
}
