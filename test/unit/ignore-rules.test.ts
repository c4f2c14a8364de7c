// Which files a .gitignore ignores, compared with git itself.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readIgnoreRules } from "../../src/project/git-ignore-rules.ts";
import { must, run } from "../engine/support/images-container.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reyns-ignore-"));
  await must("git", "init", "--quiet", folder);
});
afterAll(() => rm(folder, { recursive: true }));

const paths = [
  ...["a.log", "keep.log", "sub/a.log", "build/x", "sub/build/x", "src/build", "docs/a/b/c.md"],
  ...[
    "{a,b}",
    "#x",
    "!x",
    "x y ",
    "dir/file",
    "deep/dir/file",
    "abc",
    "a/b/c/d",
    "foo/bar",
    "x/foo/bar",
    "Q",
    "7",
    "-x",
    "[x",
  ],
];

/** The files that nothing ignores, neither themselves nor a folder above. */
function kept(): string[] {
  return paths.filter((path) => {
    let rules = readIgnoreRules(folder);
    const names = path.split("/");
    return names.every((name, index) => {
      const isIgnored = rules.isIgnored(name, index < names.length - 1);
      rules = rules.enter(name);
      return !isIgnored;
    });
  });
}

test.each([
  ["*.log\n!keep.log"],
  ["build/"],
  ["/build"],
  ["build"],
  ["sub/*\n!sub/build"],
  ["docs/**/c.md"],
  ["**/build"],
  ["dir/**"],
  ["*\n!src/\n!src/**"],
  ["{a,b}\n\\#x\n\\!x\n# a comment"],
  ["x y\\ "],
  ["foo/bar"],
  ["/foo/bar"],
  ["a?c\n[a-b].log"],
  ["*.log\r\nbuild/\r\n"],
  ["!*.log"],
  ["\uFEFF*.log\nbuild/"],
  ["[[:alpha:]].log\n[[:upper:][:digit:]]"],
  ["[![:alpha:]]"],
  ["[[:punct:]]x"],
  ["[[:lower:]][[:space:]][[:alnum:]]*"],
  ["[[:xdigit:]][a[:blank:]c-d]?"],
  ["?[[:print:]][[:graph:]]"],
])("%j leaves what git leaves", async (text) => {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await Bun.write(join(folder, path), "");
  }
  await Bun.write(join(folder, ".gitignore"), text);
  const { stdout } = await run(
    ["git", "-C", folder, "check-ignore", "--no-index", "-z", "--stdin"],
    paths.join("\0"),
  );
  const ignored = stdout.split("\0");
  expect(kept()).toEqual(paths.filter((path) => !ignored.includes(path)));
});

test("the rules of folders above and below count, and those of .git/info/exclude", async () => {
  await Bun.write(join(folder, ".gitignore"), "/shop/dist\n*.tmp\n");
  await Bun.write(join(folder, ".git/info/exclude"), "private\n");
  await Bun.write(join(folder, "shop/web/.gitignore"), "!a.tmp\n/only-here\n");
  const shop = readIgnoreRules(join(folder, "shop"));
  expect(["dist", "a.tmp", "private", "web"].map((name) => shop.isIgnored(name, true))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  const web = shop.enter("web");
  expect(["dist", "a.tmp", "only-here"].map((name) => web.isIgnored(name, false))).toEqual([
    false,
    false,
    true,
  ]);
});

test("a further work tree has the rules of its repository", async () => {
  const from = ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b"];
  await must("git", ...from, "commit", "--quiet", "--allow-empty", "--message", "first");
  await Bun.write(join(folder, ".git/info/exclude"), "private\n");
  const tree = join(folder, "tree");
  await must("git", ...from, "worktree", "add", "--quiet", tree);
  expect(readIgnoreRules(tree).isIgnored("private", false)).toBe(true);
});
