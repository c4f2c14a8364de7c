const maxWidth = 80;

/** Text of TypeScript among values that are printed. */
export class Code {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * A value as TypeScript: on one line where that is short enough, else with a line for each part.
 *
 * @param indent of the line that it begins in
 * @param used characters of that line before and after it
 */
export function formatValue(value: unknown, indent = "", used = 0): string {
  const short = formatShort(value);
  if (indent.length + used + short.length <= maxWidth && !short.includes("\n")) return short;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => `${inner}${formatValue(item, inner, 1)},\n`);
    return items.length === 0 ? "[]" : `[\n${items.join("")}${indent}]`;
  }
  if (!isPlainObject(value)) return short;
  const entries = Object.entries(value).map(([key, item]) => formatEntry(key, item, inner));
  return `{\n${entries.join("")}${indent}}`;
}

/** One line of an object that has a line for each entry. */
export function formatEntry(key: string, value: unknown, indent: string): string {
  const name = formatKey(key);
  return `${indent}${name}: ${formatValue(value, indent, name.length + 3)},\n`;
}

function formatShort(value: unknown): string {
  if (value instanceof Code) return value.text;
  if (Array.isArray(value)) return `[${value.map(formatShort).join(", ")}]`;
  if (!isPlainObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => {
    const text = formatShort(item);
    return text === key ? key : `${formatKey(key)}: ${text}`;
  });
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !(value instanceof Code);
}

function formatKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
