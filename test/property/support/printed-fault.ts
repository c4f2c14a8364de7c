/* oxlint-disable no-control-regex -- escape sequences are what is looked for */
/** The colours of Reyns itself; those of the hostile texts are others. */
const ownColours = /\u001B\[(?:0|1|2|4|22|24|3[1-69]|90)m/g;
/** Those of prompts: inverse and its end, struck out, the ends of colours, and the cursor, a hidden underscore. */
const promptColours = /\u001B\[8m_\u001B\[28m|\u001B\[(?:7|27|9|29|39|49)m/g;
/** What moves the cursor in lines that are redrawn: their beginnings, lines above, and erasing from there. */
const redrawing =
  /\r+(?=\n|\u001B\[K|$)|\u001B\[(?:\?25[lh]|\?2026[lh]|\d*[ABCDG]|2?K|0?J|\?2004[lh]|>0q|c)/g;
/** Behind the name of an instance, and the end of the colour that it has. */
const logText = /(?<= \|(?:\u001B\[39m)?) [^\n]*/g;
const anyColours = /\u001B\[[\d;:]*m/g;
const control = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u;
/* oxlint-enable no-control-regex */

/**
 * Why a text must not be printed; undefined when it may.
 *
 * @param argv the call that printed it
 */
export function faultOf(
  text: string,
  [name = "", ...words]: readonly string[],
  onTerminal = false,
): string | undefined {
  // Elsewhere, what stands behind the name of its instance is what a program has written, as it is.
  const isLog = name === "logs" && !onTerminal && !words.includes("json");
  const own = isLog ? text.replace(logText, "") : text;
  const shown = onTerminal ? text.replace(promptColours, "").replace(redrawing, "\n") : own;
  const rest = shown.replace(name === "logs" ? anyColours : ownColours, "");
  const found = control.exec(rest);
  if (found)
    return `a control character: ${JSON.stringify(rest.slice(Math.max(0, found.index - 60), found.index + 30))}`;
  if (/this is a bug in Reyns|"code": "INTERNAL"/.test(text)) return "a stack";
  if (name !== "logs" && /^FORGED/m.test(rest)) return "a forged line";
  return undefined;
}
