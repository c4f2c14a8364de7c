import { describe, expect, test } from "bun:test";
import { link, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packFolder } from "../../src/runtime/build/context.ts";
import type { ReynsError } from "../../src/errors.ts";
import { projectFolder } from "./support/project-folder.ts";
import { bytesOf, entriesOf, unpack } from "./support/packed-context.ts";

describe(".dockerignore", () => {
  const files = [
    "Dockerfile",
    "a.txt",
    "b.md",
    "n/x.txt",
    "n/keep.txt",
    "n/m/y.txt",
    "n/m/keep.txt",
  ];
  const cases: [string, string[]][] = [
    [
      "",
      [
        "Dockerfile",
        "a.txt",
        "b.md",
        "n/",
        "n/keep.txt",
        "n/m/",
        "n/m/keep.txt",
        "n/m/y.txt",
        "n/x.txt",
      ],
    ],
    ["*", ["Dockerfile"]],
    ["*\n!b.md", ["Dockerfile", "b.md"]],
    ["n", ["Dockerfile", "a.txt", "b.md"]],
    ["n\n!n/m/keep.txt", ["Dockerfile", "a.txt", "b.md", "n/", "n/m/", "n/m/keep.txt"]],
    ["**/*.txt\n!**/keep.txt", ["Dockerfile", "b.md", "n/", "n/keep.txt", "n/m/", "n/m/keep.txt"]],
    ["# all\n/a.txt\r\n./b.md\n*/m\n", ["Dockerfile", "n/", "n/keep.txt", "n/x.txt"]],
    [
      "Dockerfile\n.dockerignore",
      [
        "Dockerfile",
        "a.txt",
        "b.md",
        "n/",
        "n/keep.txt",
        "n/m/",
        "n/m/keep.txt",
        "n/m/y.txt",
        "n/x.txt",
      ],
    ],
  ];
  test.each(cases)("%j", async (rules, kept) => {
    const content = Object.fromEntries(files.map((file) => [file, file]));
    await using context = await projectFolder({ ...content, ".dockerignore": rules });
    const names = [...(await entriesOf(context.folder)).keys()];
    expect(names).toEqual([".dockerignore", ...kept]);
  });
});

describe("what a project keeps for itself is left out", () => {
  const files = {
    Dockerfile: "FROM a",
    a: "1",
    "reyns.ts": "",
    "host.conf": "{}",
    ".reyns/keys/tsig.key": "secret",
    "data_x/.reyns-project": "{}",
    "data_x/web-one/data/1": "secret",
    "etc/host.conf": "multi on",
    "sub/reyns.ts": "",
    "sub/host.conf": "{}",
    "sub/.reyns/keys/tsig.key": "secret",
    "sub/data_y/.reyns-project": "{}",
  };
  const rest = ["Dockerfile", "a", "etc/", "etc/host.conf", "reyns.ts", "sub/", "sub/reyns.ts"];

  test("at any depth, whatever .dockerignore includes", async () => {
    await using context = await projectFolder({
      ...files,
      ".dockerignore": "!.reyns\n!host.conf\n",
    });
    const names = [...(await entriesOf(context.folder)).keys()];
    expect(names).toEqual([".dockerignore", ...rest]);
  });

  test("under any name, and through links", async () => {
    await using context = await projectFolder({
      Dockerfile: "FROM a",
      "state/tsig.key": "secret",
      "values.json": "{}",
      "data/web-one/data/1": "secret",
    });
    const at = (path: string): string => join(context.folder, path);
    await symlink("state", at(".reyns"));
    await link(at("values.json"), at("host.conf"));
    const privatePaths = [".reyns", "host.conf", "data"].map(at);
    const entries = await unpack(await packFolder(context.folder, { privatePaths }));
    expect([...entries.keys()]).toEqual(["Dockerfile"]);
  });

  test("so that the digest of the rest stays the same", async () => {
    await using context = await projectFolder(files);
    const bytes = await bytesOf(context.folder);
    await writeFile(join(context.folder, ".reyns/lock"), "1");
    await writeFile(join(context.folder, "data_x/web-one/data/2"), "2");
    expect(bytes.equals(await bytesOf(context.folder))).toBe(true);
  });
});

describe("NAME.dockerignore beside the Dockerfile", () => {
  const files = {
    "app.md": "",
    big: "",
    "docker/web.Dockerfile": "FROM a",
    ".dockerignore": "*.md",
  };

  test("is used instead of .dockerignore", async () => {
    await using context = await projectFolder({
      ...files,
      "docker/web.Dockerfile.dockerignore": "big\ndocker",
    });
    const stream = await packFolder(context.folder, { dockerfile: "docker/web.Dockerfile" });
    expect([...(await unpack(stream)).keys()]).toEqual([
      ".dockerignore",
      "app.md",
      "docker/",
      "docker/web.Dockerfile",
      "docker/web.Dockerfile.dockerignore",
    ]);
  });

  test("counts for its own Dockerfile only", async () => {
    await using context = await projectFolder({ ...files, "other.Dockerfile.dockerignore": "big" });
    const stream = await packFolder(context.folder, { dockerfile: "docker/web.Dockerfile" });
    const names = [...(await unpack(stream)).keys()];
    expect(names).toContain("big");
    expect(names).not.toContain("app.md");
  });
});

test("a .dockerignore that cannot be read is an error, because it may exclude secrets", async () => {
  await using context = await projectFolder({ Dockerfile: "FROM a", ".dockerignore/x": "" });
  const { code, message } = (await packFolder(context.folder).catch(
    (error) => error,
  )) as ReynsError;
  expect(code).toBe("FILE_REFUSED");
  expect(message).toStartWith(`cannot read ${join(context.folder, ".dockerignore")}: `);
});

describe("patterns of a .dockerignore that mean something else in a regular expression", () => {
  test.each([
    ["keys(old)", "keys(old)/secret"],
    ["a+b|{c}", "a+b|{c}"],
    [String.raw`\(x`, "(x"],
    ["constructor", "constructor"],
    ["**/toString", "toString"],
  ])("%s leaves out %s", async (rules, name) => {
    await using context = await projectFolder({ Dockerfile: "FROM a", [name]: "x" });
    await writeFile(join(context.folder, ".dockerignore"), `${rules}\n`);
    const names = [...(await entriesOf(context.folder)).keys()];
    expect(names).toEqual([".dockerignore", "Dockerfile"]);
  });

  test("upper case is not lower case", async () => {
    await using context = await projectFolder({ Dockerfile: "FROM a", "keep.txt": "x" });
    await writeFile(join(context.folder, ".dockerignore"), "KEEP.txt\n");
    expect([...(await entriesOf(context.folder)).keys()]).toContain("keep.txt");
  });

  test("an invalid one is an error at its line", async () => {
    await using context = await projectFolder({ Dockerfile: "FROM a", ".dockerignore": "a\n[z\n" });
    const { code, at } = await bytesOf(context.folder).then(
      () => ({}) as ReynsError,
      (error: unknown) => error as ReynsError,
    );
    const file = join(context.folder, ".dockerignore");
    expect({ code, at }).toEqual({ code: "INVALID_PROJECT", at: { file, line: 2 } });
  });
});
