import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { pages, readPage } from "./support/doc-lines.ts";

const root = join(import.meta.dir, "../..");

/** As GitHub makes them: lower case, hyphens for blanks, nothing else but letters, digits and hyphens. */
function anchorsOf(page: string): string[] {
  const titles = readPage(page).matchAll(/^#+ (.*)$/gm);
  return [...titles].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

interface Link {
  readonly path: string;
  readonly anchor: string | undefined;
}

/** Links of a page to files of the repository. */
function linksOf(page: string): Link[] {
  const text = readPage(page).replaceAll(/^```[^]*?^```|`[^`]*`/gm, "");
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  const own = targets.filter((target) => !/^https?:/.test(target));
  return own.map((target) => {
    const [path = "", anchor] = target.split("#");
    return { path: path === "" ? page : join(dirname(page), path), anchor };
  });
}

test.each([...pages, "ARCHITECTURE.md"])("every link of %s leads somewhere", (page) => {
  const lost = linksOf(page).filter(({ path, anchor }) => {
    if (!existsSync(join(root, path))) return true;
    return anchor !== undefined && !anchorsOf(path).includes(anchor);
  });
  expect(lost).toEqual([]);
});

test("docs/README.md leads to every page", () => {
  const named = new Set(linksOf("docs/README.md").map(({ path }) => path));
  const lost = pages.filter((page) => !page.endsWith("README.md") && !named.has(page));
  expect(lost).toEqual([]);
});
