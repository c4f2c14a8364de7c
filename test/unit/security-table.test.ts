import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");

const [prose = "", table = ""] = readFileSync(join(root, "SECURITY.md"), "utf8").split(
  "## Tests\n",
);
const flat = prose.replaceAll(/\s+/g, " ");

const rows = table
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (claim|---)/.test(line))
  .map((line) => {
    const [claim = "", title = "", file = "", ...more] = line
      .replace(/^\| | \|$/g, "")
      .split(" | ");
    return { claim, title, file, isWhole: more.length === 0 && file !== "" };
  });

function hasTest(file: string, title: string): boolean {
  const path = join(root, "test", file);
  if (!existsSync(path)) return false;
  const text = readFileSync(path, "utf8");
  return ['"', "`"].some((quote) => {
    const at = text.indexOf(`${quote}${title}${quote},`);
    return at >= 0 && text.slice(0, at).trimEnd().endsWith("(");
  });
}

test("each claim of SECURITY.md has a test of its title in the file that is named", () => {
  const wrong = rows.filter(({ title, file, isWhole }) => !isWhole || !hasTest(file, title));
  expect(wrong.map(({ title, file }) => `${file}: ${title}`)).toEqual([]);
  expect(rows.length).toBeGreaterThan(35);
});

test("each claim of the table stands in the text of SECURITY.md", () => {
  expect(rows.map(({ claim }) => claim).filter((claim) => !flat.includes(claim))).toEqual([]);
});

test("each point about keys, secrets and the DNS has a claim with a test, or says what is not safe", () => {
  const limits =
    /Queries and answers are not encrypted|A secret can be read|Without extra rights|trust each other/;
  const points = ["Instances", "Keys and secrets", "DNS"].flatMap((heading) => {
    const section = prose.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
    return section
      .split(/\n- /)
      .slice(1)
      .map((point) => point.replaceAll(/\s+/g, " "));
  });
  expect(points.length).toBeGreaterThan(10);
  const bare = points.filter(
    (point) => !limits.test(point) && !rows.some(({ claim }) => point.includes(claim)),
  );
  expect(bare).toEqual([]);
});
