import { splitTemplate } from "../../../lib/interpolate.ts";
import type { TextPart } from "../compose-project.ts";
import type { Code } from "./code.ts";
import { fixedNote, templateText, type ValuePrinter } from "./values.ts";

/**
 * The value of an env file's variable that `reyns.ts` has to give itself: Reyns reads env files without the values of
 * `.env`, and without the service's own variables.
 *
 * @param env all variables of the service
 * @returns undefined where the file gives the value
 */
export function envFileValue(
  service: string,
  key: string,
  env: Readonly<Record<string, unknown>>,
  { project, given, notes }: ValuePrinter,
): Code | string | undefined {
  const sourceOf = (name: string) => project.sourceOf(["services", service, "environment", name]);
  const source = sourceOf(key);
  if (source?.kind !== "envFile" || source.template === undefined) return undefined;
  const parts = [...splitTemplate(source.template)].map((part): TextPart => {
    if (typeof part === "string") return { text: part };
    const { name, operator, word } = part;
    if (name === undefined || name === "$") return { text: "$" };
    return { text: "", variable: { name, operator, word } };
  });
  const names = parts.flatMap(({ variable }) => variable?.name ?? []);
  // What `.env` says wins over the service's own variables; a bare name in a file is what it says.
  const isOfService = (name: string): boolean => {
    if (name === key || !Object.hasOwn(env, name)) return false;
    const found = sourceOf(name);
    if (found?.kind === "envFile") return found.template !== `\${${name}}`;
    return given[name] === undefined;
  };
  // Those of the files, without others in them, are the same here.
  const isInFiles = (name: string): boolean => {
    const found = isOfService(name) ? sourceOf(name) : undefined;
    return found?.kind === "envFile" && found.template === undefined;
  };
  if (names.every(isInFiles)) return undefined;
  const code = names.some(isOfService) ? undefined : templateText(parts);
  if (code) return code;
  notes.push(fixedNote(key, parts));
  return String(env[key]);
}
