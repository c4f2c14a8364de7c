// Renders terminal screens, as "tmux capture-pane -e" prints them, as one SVG.

/** The style of a piece of a line. Colours are terminal colour numbers, 0 to 15. */
interface Style {
  readonly colour?: number | undefined;
  readonly background?: number | undefined;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly inverse?: boolean;
}

interface Piece {
  readonly text: string;
  readonly column: number;
  readonly style: Style;
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
 * Draws one window per screen, one below the other.
 *
 * @param title a description for screen readers
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
    drawWindow(lines, { top: tops[index] ?? 0, width, height: heights[index] ?? 0 }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}" role="img" aria-labelledby="title">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}</style>`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

function drawWindow(
  lines: readonly string[],
  { top, width, height }: { readonly top: number; readonly width: number; readonly height: number },
): string {
  const dots = ["#ff5f57", "#febc2e", "#28c840"].map(
    (fill, index) => `<circle cx="${18 + index * 18}" cy="15" r="5.5" fill="${fill}"/>`,
  );
  let style: Style = {};
  const texts = lines.map((line, row) => {
    const { pieces, end } = readLine(line, style);
    style = end;
    return pieces.map((piece) => drawPiece(piece, frame.bar + row * cell.height)).join("");
  });
  return [
    `<g transform="translate(0 ${top})"><rect width="${width}" height="${height}" rx="10" fill="${paper}" stroke="#30363d"/>`,
    ...dots,
    ...texts.filter(Boolean),
    "</g>",
  ].join("\n");
}

// oxlint-disable-next-line no-control-regex -- matches escape sequences
const attributes = /\u001B\[([\d;]*)m/;

/** Splits a line where its style changes. The style continues on the next line. */
function readLine(line: string, start: Style): { pieces: Piece[]; end: Style } {
  let style = start;
  let column = 0;
  const pieces: Piece[] = [];
  for (const [index, part] of line.split(attributes).entries()) {
    if (index % 2 === 1) {
      for (const code of part.split(";")) style = applyCode(style, Number(code));
      continue;
    }
    if (part.trim() !== "" || style.inverse) pieces.push({ text: part, column, style });
    column += part.length;
  }
  return { pieces, end: style };
}

/** Applies a "select graphic rendition" parameter (ECMA-48, 8.3.117); only those that occur. */
function applyCode(style: Style, code: number): Style {
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 7) return { ...style, inverse: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 27) return { ...style, inverse: false };
  if (code >= 30 && code <= 37) return { ...style, colour: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, colour: code - 82 };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code === 39) return { ...style, colour: undefined };
  if (code === 49) return { ...style, background: undefined };
  return style;
}

function drawPiece({ text, column, style }: Piece, y: number): string {
  const own = style.colour === undefined ? ink : (colours[style.colour] ?? ink);
  const behind = style.background === undefined ? undefined : colours[style.background];
  const [fill, back] = style.inverse ? [behind ?? paper, own] : [own, behind];
  const weight = style.bold ? ' font-weight="700"' : "";
  const faint = style.dim ? ' opacity=".6"' : "";
  const place = (at: number, length: number): { x: number; width: number } => ({
    x: round(frame.padding + at * cell.width),
    width: round(length * cell.width),
  });
  const { x, width } = place(column, text.length);
  const box = back
    ? `<rect x="${x}" y="${y}" width="${width}" height="${cell.height}" fill="${back}"/>`
    : "";
  // In parts, because SVG collapses consecutive spaces; with their length, so that columns align in any font.
  const parts = [...text.matchAll(/\S+(?: \S+)*/g)].map(({ 0: part, index }) => {
    const area = place(column + index, part.length);
    return `<text x="${area.x}" y="${y + 14}" textLength="${area.width}" lengthAdjust="spacingAndGlyphs" fill="${fill}"${weight}${faint}>${escapeXml(part)}</text>`;
  });
  return `${box}${parts.join("")}`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
