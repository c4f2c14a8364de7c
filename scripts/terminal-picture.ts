// Turns screens of a terminal, as "tmux capture-pane -e" gives them, into one SVG.

/** How a piece of a line looks: the colours are the terminal's numbers, 0 to 15. */
interface Look {
  readonly colour?: number | undefined;
  readonly background?: number | undefined;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly inverse?: boolean;
}

interface Piece {
  readonly text: string;
  readonly column: number;
  readonly look: Look;
}

const cell = { width: 8.4, height: 18 } as const;
const frame = { padding: 16, bar: 30, gap: 18 } as const;

const colours = [
  ["#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4"],
  ["#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#f0f6fc"],
].flat();
const paper = "#0d1117";
const ink = "#e6edf3";

/**
 * One window for each screen, one below the other.
 *
 * @param title what a reader who cannot see it is told
 */
export function terminalPicture(
  title: string,
  screens: readonly string[],
  columns: number,
): string {
  const windows = screens.map((screen) => screen.trimEnd().split("\n"));
  const width = Math.ceil(columns * cell.width + 2 * frame.padding);
  const heights = windows.map((lines) => frame.bar + lines.length * cell.height + frame.padding);
  const tops = heights.map((_, index) =>
    heights.slice(0, index).reduce((sum, height) => sum + height + frame.gap, 0),
  );
  const total = (tops.at(-1) ?? 0) + (heights.at(-1) ?? 0);
  const drawn = windows.map((lines, index) =>
    windowOf(lines, { top: tops[index] ?? 0, width, height: heights[index] ?? 0 }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}" role="img" aria-labelledby="title">`,
    `<title id="title">${escaped(title)}</title>`,
    `<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}</style>`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

function windowOf(
  lines: readonly string[],
  { top, width, height }: { readonly top: number; readonly width: number; readonly height: number },
): string {
  const dots = ["#ff5f57", "#febc2e", "#28c840"].map(
    (fill, index) => `<circle cx="${18 + index * 18}" cy="15" r="5.5" fill="${fill}"/>`,
  );
  let look: Look = {};
  const texts = lines.map((line, row) => {
    const { pieces, end } = readLine(line, look);
    look = end;
    return pieces.map((piece) => pieceOf(piece, frame.bar + row * cell.height)).join("");
  });
  return [
    `<g transform="translate(0 ${top})"><rect width="${width}" height="${height}" rx="10" fill="${paper}" stroke="#30363d"/>`,
    ...dots,
    ...texts.filter(Boolean),
    "</g>",
  ].join("\n");
}

// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const attributes = /\u001B\[([\d;]*)m/;

/** Cuts a line where its look changes; the look goes on in the next line. */
function readLine(line: string, start: Look): { pieces: Piece[]; end: Look } {
  let look = start;
  let column = 0;
  const pieces: Piece[] = [];
  for (const [index, part] of line.split(attributes).entries()) {
    if (index % 2 === 1) {
      for (const code of part.split(";")) look = changed(look, Number(code));
      continue;
    }
    if (part.trim() !== "" || look.inverse) pieces.push({ text: part, column, look });
    column += part.length;
  }
  return { pieces, end: look };
}

/** What a number of "select graphic rendition" changes (ECMA-48, 8.3.117), as far as it occurs. */
function changed(look: Look, code: number): Look {
  if (code === 0) return {};
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 7) return { ...look, inverse: true };
  if (code === 22) return { ...look, bold: false, dim: false };
  if (code === 27) return { ...look, inverse: false };
  if (code >= 30 && code <= 37) return { ...look, colour: code - 30 };
  if (code >= 90 && code <= 97) return { ...look, colour: code - 82 };
  if (code >= 40 && code <= 47) return { ...look, background: code - 40 };
  if (code === 39) return { ...look, colour: undefined };
  if (code === 49) return { ...look, background: undefined };
  return look;
}

function pieceOf({ text, column, look }: Piece, y: number): string {
  const own = look.colour === undefined ? ink : (colours[look.colour] ?? ink);
  const behind = look.background === undefined ? undefined : colours[look.background];
  const [fill, back] = look.inverse ? [behind ?? paper, own] : [own, behind];
  const weight = look.bold ? ' font-weight="700"' : "";
  const faint = look.dim ? ' opacity=".6"' : "";
  const place = (at: number, length: number): { x: number; width: number } => ({
    x: round(frame.padding + at * cell.width),
    width: round(length * cell.width),
  });
  const { x, width } = place(column, text.length);
  const box = back
    ? `<rect x="${x}" y="${y}" width="${width}" height="${cell.height}" fill="${back}"/>`
    : "";
  // In parts without two blanks in a row, which SVG makes one of; with their length, so that columns stay columns
  // whatever the reader's font is.
  const parts = [...text.matchAll(/\S+(?: \S+)*/g)].map(({ 0: part, index }) => {
    const area = place(column + index, part.length);
    return `<text x="${area.x}" y="${y + 14}" textLength="${area.width}" lengthAdjust="spacingAndGlyphs" fill="${fill}"${weight}${faint}>${escaped(part)}</text>`;
  });
  return `${box}${parts.join("")}`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
