import { join } from "node:path";

/** The text of docs/nodes.md, whose commands nodes.test.ts types. */
export function manual(): Promise<string> {
  return Bun.file(join(import.meta.dir, "../../../docs/nodes.md")).text();
}

/** What the manual shows of the question, and of what follows. */
export async function screens(): Promise<string[]> {
  const blocks = (await manual()).matchAll(/```\n([^`]*DNS_SERVICE_IP, [^`]*)```/g);
  return [...blocks].map(([, text = ""]) => text);
}

/** Rows without their ages and what depends on how long these are. */
export function columns(table: string): string[] {
  return table.split("\n").map((row) =>
    row
      .replace(/\d+ (s|min)\b/, "AGE")
      .replace(/ +/g, " ")
      .trim(),
  );
}

/** Without what is another one each time: times, and addresses of containers. */
export function plain(text: string): string {
  return text
    .replace(/\b10\.[\d./]+/g, "ADDRESS")
    .replace(/\d+(\.\d+)?s\b/g, "TIME")
    .trimEnd();
}
