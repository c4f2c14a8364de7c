import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { saveAnswers } from "../../src/cli/commands/run/data-folder.ts";
import type { Project } from "../../src/model/project.ts";
import { addToGitIgnore } from "../../src/project/git-ignore.ts";
import { exposedHostConf } from "../../src/project/host-conf.ts";
import { must, run, temporaryFolder } from "../engine/support/images-container.ts";

let repository: Awaited<ReturnType<typeof temporaryFolder>>;
let folder: string;
beforeEach(async () => {
  repository = await temporaryFolder();
  await must("git", "init", "--quiet", repository.path);
  folder = join(repository.path, "platform/shop");
  mkdirSync(folder, { recursive: true });
});
afterEach(() => repository[Symbol.asyncDispose]());

const paths = (): string[] => [join(folder, "host.conf"), join(folder, "data_shop") + "/"];
const ignoreFile = (): string => readFileSync(join(folder, ".gitignore"), "utf8");

/** Whether git itself ignores both. */
async function isIgnoredByGit(): Promise<boolean> {
  const results = await Promise.all(
    paths().map((path) => run(["git", "-C", repository.path, "check-ignore", "-q", path])),
  );
  return results.every(({ status }) => status === 0);
}

test("host.conf and the data folder are added once, in a file of their own", async () => {
  expect(addToGitIgnore(folder, paths())).toEqual(["host.conf", "data_shop/"]);
  expect(ignoreFile()).toBe("host.conf\ndata_shop/\n");
  expect(await isIgnoredByGit()).toBe(true);
  expect(addToGitIgnore(folder, paths())).toEqual([]);
  expect(ignoreFile()).toBe("host.conf\ndata_shop/\n");
});

test.each([
  ["# build\n/dist", "# build\n/dist\n/host.conf\n/data_shop/\n"],
  ["node_modules/\r\n", "node_modules/\r\nhost.conf\r\ndata_shop/\r\n"],
  ["*.log\n", "*.log\nhost.conf\ndata_shop/\n"],
])("the style of %j is kept", async (before, after) => {
  writeFileSync(join(folder, ".gitignore"), before);
  addToGitIgnore(folder, paths());
  expect(ignoreFile()).toBe(after);
  expect(await isIgnoredByGit()).toBe(true);
});

test.each(["host.conf\ndata_*/\n", "*.conf\n/data_shop\n", "*\n", "!host.conf\ndata_shop/\n"])(
  "%j already decides about both",
  (before) => {
    writeFileSync(join(folder, ".gitignore"), before);
    expect(addToGitIgnore(folder, paths())).toEqual([]);
    expect(ignoreFile()).toBe(before);
  },
);

test.each(["platform/shop/host.conf\ndata_*/\n", "/platform/\n", "**/host.conf\n**/data_shop/\n"])(
  "%j at the repository's root already does, too",
  (before) => {
    writeFileSync(join(repository.path, ".gitignore"), before);
    expect(addToGitIgnore(folder, paths())).toEqual([]);
  },
);

test("nothing is written outside a repository, or for a folder outside the project", async () => {
  expect(addToGitIgnore(folder, ["/srv/data/"])).toEqual([]);
  await using plain = await temporaryFolder();
  expect(addToGitIgnore(plain.path, [join(plain.path, "host.conf")])).toEqual([]);
  expect(await Bun.file(join(plain.path, ".gitignore")).exists()).toBe(false);
});

test("a name with characters of a pattern is ignored as it is", async () => {
  const odd = join(folder, "data [x]*");
  expect(addToGitIgnore(folder, [`${odd}/`])).toEqual(["data \\[x\\]\\*/"]);
  mkdirSync(odd);
  await must("git", "-C", repository.path, "check-ignore", "-q", odd);
});

test("a host.conf that somebody has written, and not given to git, is ignored from the first run on", async () => {
  writeFileSync(join(folder, "host.conf"), '{ "API_KEY": "s3cret" }');
  const conf = { name: "default", file: undefined, sequential: false, instances: [] };
  const save = (): Promise<void> =>
    saveAnswers({ folder, origin: folder, conf } as unknown as Project, {});
  await must("git", "-C", folder, "add", "host.conf");
  await save();
  expect(await Bun.file(join(folder, ".gitignore")).exists()).toBe(false);
  await must("git", "-C", folder, "rm", "-q", "--cached", "host.conf");
  await save();
  expect(ignoreFile()).toBe("host.conf\n");
});

test.each([
  ["a value that others may read is warned of", '{ "API_KEY": "s3cret" }', 0o644, true],
  ["a value of its owner alone is not", '{ "API_KEY": "s3cret" }', 0o600, false],
  ["nor is the conf that ran last", '{ "last_conf": "prod" }', 0o644, false],
  ["nor is a host.conf without values", "{}", 0o644, false],
])("host.conf: %s", (_, text, mode, isExposed) => {
  const file = join(folder, "host.conf");
  writeFileSync(file, text);
  chmodSync(file, mode);
  const warning = `other users may access ${file}, which may contain passwords: chmod go= ${file}`;
  expect(exposedHostConf(folder)).toBe(isExposed ? warning : undefined);
});
