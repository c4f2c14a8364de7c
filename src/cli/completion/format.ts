import type { Candidate } from "./candidates.ts";
import type { TypedLine } from "./split-line.ts";

/** The shells that can be completed in. */
export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** Candidates in the form that each shell's script (completion/) takes them, a line each. */
export function answerFor(shell: Shell, found: readonly Candidate[], line: TypedLine): string[] {
  const unlike = [...new Map(found.map((one) => [one.text, one])).values()];
  if (shell === "bash") return unlike.map((one) => bashLine(one, line));
  if (shell === "fish")
    return unlike.map(({ text, description }) =>
      description ? `${text}\t${plain(description)}` : text,
    );
  const longest = Math.max(0, ...unlike.map(({ text }) => text.length));
  return unlike.map(({ text, description, isOpen }) => {
    const shown = description ? `${text.padEnd(longest)}  ${plain(description)}` : text;
    return [isOpen ? "open" : "done", text, shown].join("\t");
  });
}

/**
 * What bash puts in the place of the part that it completes: quoted as that was begun, and with the space that the
 * script tells bash not to add.
 */
function bashLine({ text, isOpen }: Candidate, { from, quote }: TypedLine): string {
  const part = text.slice(from);
  if (quote === "'") return part;
  if (quote === '"') return part.replace(/["\\$`]/g, "\\$&");
  return `${part.replace(/[^\p{L}\p{N}_./:=,@%+~*-]/gu, "\\$&")}${isOpen ? "" : " "}`;
}

/** On one line. */
function plain(description: string): string {
  return description.replace(/\s+/g, " ");
}
