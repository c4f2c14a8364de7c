/**
 * Characters that a terminal obeys instead of showing: C0, DEL and C1 (ECMA-48) except newline and tab, and those that
 * reorder the text beside them (UAX #9).
 */
const controls = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/* oxlint-disable no-control-regex -- escape sequences are what is looked for */
/** Colours and other attributes of text (SGR), which a log may have. */
const anyColours = /(\u001B\[[\d;:]*m)/;
/** Those of `paint`: bold, dim, underlined, and the colours that are readable everywhere. None hides a text. */
const ownColours = /(\u001B\[(?:0|1|2|4|22|24|3[1-69]|90)m)/;
/* oxlint-enable no-control-regex */

const resetColours = "\u001B[0m";

/**
 * Makes a text from anywhere safe to show. The output of a container, a DNS record or a label of somebody else could
 * move the cursor, hide lines or set the title of the terminal. Removes escape sequences and carriage returns, and
 * shows other control characters by their code.
 *
 * @param keepColours which SGR sequences to keep: "own" are those of `paint`; asked only when there is anything to remove
 * @example
 * sanitizeForTerminal("\u001B[2Jdone\u0007") // "done\\x07"
 */
export function sanitizeForTerminal(
  text: string,
  keepColours: () => "none" | "own" | "all" = () => "none",
): string {
  // Most texts; every escape sequence begins with a control character.
  if (text.search(controls) < 0) return text;
  const kept = keepColours();
  if (kept === "none") return removeControls(text);
  // Every second part is what the group has matched.
  const parts = text.split(kept === "own" ? ownColours : anyColours);
  return parts.map((part, index) => (index % 2 === 1 ? part : removeControls(part))).join("");
}

/** A sanitized text in one line, for tables, headings and progress. */
export function sanitizeLine(text: string): string {
  return sanitizeForTerminal(text).replace(/[\t\n]+/g, " ");
}

/** A line of a container's log: keeps its colours, and ends them with the line. */
export function sanitizeLogLine(line: string): string {
  const shown = sanitizeForTerminal(line, () => "all");
  return anyColours.test(shown) ? `${shown}${resetColours}` : shown;
}

function removeControls(text: string): string {
  // Line by line: a sequence that never ends must not hide the lines below.
  const lines = text.replaceAll("\r", "").split("\n").map(Bun.stripANSI);
  return lines.join("\n").replace(controls, showCode);
}

/** "\x07", "\u202e" */
function showCode(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
}
