import { summarizeList } from "../../../lib/summarize-list.ts";
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

/** A text as it stands in the file: "${TAG:-17}". Of one with line breaks, its variables. */
export function templateSource(parts: readonly TextPart[]): string {
  const sourceOf = ({ text, variable }: TextPart): string =>
    variable ? `\${${variable.name}${variable.operator}${variable.word}}` : text;
  const source = parts.map(sourceOf).join("");
  if (!/[\r\n]/.test(source)) return source;
  const variables = parts.filter(({ variable }) => variable).map(sourceOf);
  return `a text with ${summarizeList([...new Set(variables)], 3)}`.replaceAll(/\s+/g, " ");
}
