import { isRecord } from "../../../lib/is-record.ts";
import { camelCase } from "../../../lib/letter-case.ts";
import type { ComposeProject } from "../compose-project.ts";
import { Code } from "./code.ts";
import { findTemplates, type TemplateValue } from "./sources.ts";
import { templateText } from "./values.ts";

type WrittenOptions = Readonly<Record<string, unknown>>;

/** The options of a service with templates where the file has variables, and those variables that are lost. */
export function withTemplates(
  name: string,
  options: WrittenOptions,
  project: ComposeProject,
): { readonly options: WrittenOptions; readonly lost: readonly TemplateValue[] } {
  const lost: TemplateValue[] = [];
  const service = project.file.services[name];
  const templates = findTemplates(project, service, ["services", name]);
  const written = templates.reduce<unknown>((current, template) => {
    const keys = template.path.slice(2);
    const [field] = keys;
    if (field === "environment") return current;
    // The compiler has to know the value of a restart policy.
    const next = field === "restart" ? undefined : replaceAt(current, keys, template);
    if (next === undefined) lost.push(template);
    return next ?? current;
  }, options);
  return { options: written as WrittenOptions, lost };
}

/** A copy with the template in place of the value at a path; undefined where it is not the same value. */
function replaceAt(
  holder: unknown,
  [key, ...rest]: readonly (string | number)[],
  template: TemplateValue,
): unknown {
  if (key === undefined) return asTemplate(holder, template);
  if (typeof holder === "string" && key === "published") return publishedTemplate(holder, template);
  if (!Array.isArray(holder) && !isRecord(holder)) return undefined;
  if (holder instanceof Code) return undefined;
  const items: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(holder));
  const name = Object.hasOwn(items, key) ? key : camelCase(String(key));
  const replaced = replaceAt(items[name], rest, template);
  if (replaced === undefined) return undefined;
  const changed = { ...items, [name]: replaced };
  return Array.isArray(holder) ? Object.values(changed) : changed;
}

/** `published` is a part of a port's text, behind an address of the host where there is one. */
function publishedTemplate(port: string, { parts }: TemplateValue): Code | undefined {
  const text = parts.map((part) => part.text).join("");
  const start = port.startsWith(`${text}:`) ? 0 : port.lastIndexOf(`:${text}:`) + 1;
  if (text === "" || !port.startsWith(`${text}:`, start)) return undefined;
  const rest = port.slice(start + text.length);
  return templateText([{ text: port.slice(0, start) }, ...parts, { text: rest }]);
}

function asTemplate(value: unknown, { parts }: TemplateValue): Code | undefined {
  const text = parts.map((part) => part.text).join("");
  if (typeof value === "number" && String(value) === text) {
    const code = templateText(parts);
    return code && new Code(`Number(${code.text})`);
  }
  if (typeof value !== "string" || text === "") return undefined;
  return value === text ? templateText(parts) : undefined;
}
