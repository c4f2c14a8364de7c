import type { Point } from "./growth.ts";

const [width, height] = [720, 360];
const [left, right, top, bottom] = [56, 110, 24, 44];

const lines = [
  { key: "compose", label: "docker-compose", colour: "#8c6bb1" },
  { key: "reyns", label: "reyns", colour: "#1f78b4" },
  { key: "floor", label: "the Engine alone", colour: "#999999" },
] as const;

/** Plots seconds over the number of instances as an SVG, for light and dark backgrounds. */
export function plotGrowth(points: readonly Point[]): string {
  const mostCount = Math.max(...points.map(({ count }) => count));
  const most = Math.max(...points.flatMap((point) => lines.map(({ key }) => point[key] ?? 0)));
  const x = (count: number): number => left + (count / mostCount) * (width - left - right);
  const y = (time: number): number => height - bottom - (time / most) * (height - top - bottom);
  const step = stepOf(most / 1000);
  const ticks = Array.from({ length: Math.floor(most / 1000 / step) + 1 }, (_, i) => i * step);
  const text = (at: string, words: string, more = ""): string =>
    `<text ${at} fill="#888" ${more}>${words}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    ...ticks.flatMap((tick) => [
      `<path d="M${left} ${round(y(tick * 1000))}H${width - right}" stroke="#888" stroke-opacity="0.25"/>`,
      text(`x="${left - 8}" y="${round(y(tick * 1000) + 4)}"`, `${tick} s`, 'text-anchor="end"'),
    ]),
    ...points.map(({ count }) =>
      text(
        `x="${round(x(count))}" y="${height - bottom + 18}"`,
        `${count}`,
        'text-anchor="middle"',
      ),
    ),
    text(`x="${left}" y="${height - 6}"`, "instances of a ready image, none there before"),
    ...lines.flatMap((line) => drawLine(line, points, x, y)),
    "</svg>",
    "",
  ].join("\n");
}

function drawLine(
  { key, label, colour }: (typeof lines)[number],
  points: readonly Point[],
  x: (count: number) => number,
  y: (time: number) => number,
): string[] {
  const known = points.flatMap((point) => {
    const time = point[key];
    return time === undefined ? [] : [{ x: round(x(point.count)), y: round(y(time)) }];
  });
  const last = known.at(-1);
  if (!last) return [];
  const path = known.map((at) => `${at.x} ${at.y}`).join("L");
  return [
    `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...known.map((at) => `<circle cx="${at.x}" cy="${at.y}" r="3" fill="${colour}"/>`),
    `<text x="${last.x + 8}" y="${last.y + 4}" fill="${colour}">${label}</text>`,
  ];
}

/** 1, 2 or 5 times a power of ten, for four to ten lines. */
function stepOf(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return [power / 5, power / 2, power].find((step) => most / step <= 8) ?? power * 2;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
