import type { Candidate } from "./candidates.ts";
import type { TypedLine } from "./split-line.ts";

/** Shells with a completion script. */
export const shells = ["bash", "zsh", "fish"] as const;
export type CompletionShell = (typeof shells)[number];

/**
 * Formats candidates as the shell's completion script (completion/) reads them: one a line. Leaves out names that do not
 * fit one, or that a terminal would not show as they are.
 */
export function formatCandidates(
  shell: CompletionShell,
  found: readonly Candidate[],
  line: TypedLine,
): string[] {
  const shown = found.filter(({ text }) => !/[\p{Cc}\p{Bidi_Control}]/u.test(text));
  const unique = [...new Map(shown.map((candidate) => [candidate.text, candidate])).values()];
  if (shell === "bash") return unique.map((candidate) => formatForBash(candidate, line));
  if (shell === "fish")
    return unique.map(({ text, description }) =>
      description ? `${text}\t${onOneLine(description)}` : text,
    );
  const longest = Math.max(0, ...unique.map(({ text }) => text.length));
  return unique.map(({ text, description, isOpen }) => {
    const label = description ? `${text.padEnd(longest)}  ${onOneLine(description)}` : text;
    return [isOpen ? "open" : "done", text, label].join("\t");
  });
}

/**
 * The text with which bash replaces the part that it completes: in the quotes that are open there, and with the space
 * after it, which the script tells bash not to add.
 */
function formatForBash({ text, isOpen }: Candidate, { from, quote }: TypedLine): string {
  const part = text.slice(from);
  if (quote === "'") return part.replaceAll("'", String.raw`'\''`);
  if (quote === '"') return part.replace(/["\\$`]/g, "\\$&");
  return `${part.replace(/[^\p{L}\p{N}_./:=,@%+~*-]/gu, "\\$&")}${isOpen ? "" : " "}`;
}

function onOneLine(description: string): string {
  return description.replace(/\s+/g, " ");
}
