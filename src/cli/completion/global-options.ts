import { takeGlobalOptions } from "../compose-globals.ts";
import type { Candidate } from "./candidates.ts";
import { findFiles } from "./files.ts";
import type { TypedLine } from "./split-line.ts";

/** Options before the command whose value is a path. */
const withPath = /^(?:-f|-C|--file|--env-file|--project-directory)$/;

/**
 * Takes Compose's options before the command, which choose the project: their variables are set for this process.
 *
 * @param env changed
 * @returns the line without them, or the candidates for what is being typed of them
 */
export async function takeTypedOptions(
  typed: TypedLine,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly typed: TypedLine } | { readonly found: readonly Candidate[] }> {
  const { words, current } = typed;
  const start = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word)) + 1;
  const before = words.slice(start);
  const last = before.at(-1) ?? "";
  const rest = await takeGlobalOptions(before, env).catch(() => undefined);
  // The last one waits for its value.
  if (rest === undefined) return { found: withPath.test(last) ? findFiles(current) : [] };
  const [, option = "", path] = /^(--[a-z-]+)=([^]*)$/.exec(current) ?? [];
  if (rest.length === 0 && path !== undefined && withPath.test(option)) {
    const files = findFiles(path);
    return { found: files.map((file) => ({ ...file, text: `${option}=${file.text}` })) };
  }
  return { typed: { ...typed, words: [...words.slice(0, start), ...rest] } };
}
