import { dirname, resolve } from "node:path";
import type { Environment } from "../../lib/environment.ts";
import { readTextIfPossible } from "../../lib/read-regular-file.ts";
import { toValidName } from "../../model/host-names.ts";
import { findFiles } from "./find-files.ts";
import { createReport } from "./report.ts";

/**
 * The services of the Compose files in a folder, which are searched as text: of the override file, of those that
 * `COMPOSE_FILE` names, and of those that they include by a plain path.
 */
export function listComposeServices(folder: string, env: Environment): string[] {
  const texts = new Map<string, string>();
  const visit = (file: string): void => {
    if (texts.has(file)) return;
    const text = readTextIfPossible(file);
    texts.set(file, text);
    for (const included of includesIn(text)) visit(resolve(dirname(file), included));
  };
  for (const file of findFiles(folder, env, createReport()).files) visit(file);
  return [...texts.values()].flatMap(servicesIn);
}

/** The keys below `services:`. */
function servicesIn(text: string): string[] {
  const block = blockOf("services", text);
  const indent = /^([ \t]+)[^\s#]/m.exec(block)?.[1] ?? "  ";
  return block.split("\n").flatMap((line) => {
    const rest = line.startsWith(indent) ? line.slice(indent.length) : "";
    const key = /^["']?([\w.-]+)["']?:(?:\s|$)/.exec(rest)?.[1];
    return key === undefined ? [] : [toValidName(key)];
  });
}

/** The files below `include:`. */
function includesIn(text: string): string[] {
  const plain = blockOf("include", text).replaceAll(/(^|\s)#.*$/gm, "");
  return plain.match(/[^\s"'[\],{}]+\.ya?ml(?=[\s"'\],}]|$)/gm) ?? [];
}

/** What stands at a key of the file, with the rest of its line; a list may stand at its left edge. */
function blockOf(key: string, text: string): string {
  const block = new RegExp(String.raw`^${key}:([^\n]*\n(?:[ \t#-][^\n]*\n|\n)*)`, "m");
  return block.exec(`${text}\n`)?.[1] ?? "";
}
