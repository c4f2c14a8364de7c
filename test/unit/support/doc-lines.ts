import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { callsIn } from "./shell-lines.ts";

const root = join(import.meta.dir, "../../..");

/** What people read: the pages with commands in them, as paths in the repository. */
export const pages: readonly string[] = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

export function readPage(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** Blocks of code of a language: "" for those without one, which are a shell's. */
export function blocksOf(page: string, language: string): string[] {
  const blocks = readPage(page).matchAll(/^```(\w*)\n([^]*?)^```/gm);
  return [...blocks].flatMap(([, own, text = ""]) => (own === language ? text : []));
}

/** Lines of a block that are typed, without the prompt before them; what is answered is left out. */
export function typedIn(block: string): string[] {
  const lines = block.split("\n").map((line) => line.replace(/^(\w+)?\$ /, "").trim());
  return lines.filter((line) => callsIn(line).length > 0);
}

/** Calls of reyns that stand in the text itself, between backticks. */
export function inlineIn(page: string): string[] {
  const text = readPage(page).replaceAll(/^```[^]*?^```/gm, "");
  const codes = [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) =>
    code.replaceAll(/\s+/g, " "),
  );
  // In a table, a bar is written with a backslash before it.
  return codes
    .map((code) => code.replaceAll("\\|", "|"))
    .filter((code) => callsIn(code).length > 0);
}
