// Files and folders out of an instance and into it, as docker cp places them.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readFile, readdir, readlink, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { installation, withoutProgress } from "./support/reyns.ts";

setDefaultTimeout(240_000);

let shop: Project;

beforeAll(async () => {
  shop = await createProject({
    "reyns.ts": `import { project, ready, service } from "reyns";
project("shop");
const settings = { image: "debian:bookworm-slim", init: true, command: ["sleep", "600"], ready: ready.file("/etc/hostname") };
service("web", { ...settings, instance: "one" });
service("web", { ...settings, instance: "two" });
service("db", settings);
`,
    "site/index.html": "<p>",
    "site/css/a.css": "p {}",
    "site/run.sh": "#!/bin/sh\n",
    "plain file": "text",
  });
  await symlink("index.html", join(shop.folder, "site/link"));
  await shop.must("run all");
});
afterAll(() => shop?.[Symbol.asyncDispose]());

/** Runs a line in the instance of db. */
function inside(line: string): Promise<string> {
  return shop.must(["shell", "db", "--", line]);
}

function path(...names: readonly string[]): string {
  return join(shop.folder, ...names);
}

const list = "find . | sort";
const tree = [".", "./css", "./css/a.css", "./index.html", "./link", "./run.sh"].join("\n");

test("a folder goes into a folder that is there, or gets the name that is given", async () => {
  await inside("mkdir -p /in/there");
  const said = await shop.reyns("cp site db:/in/there");
  expect(said.stderr).toBe("copied 3 files, 2 folders, 1 link (17 B) to db:/in/there\n");
  expect(await inside(`cd /in/there/site; ${list}`)).toBe(tree);
  await shop.must("cp site db:/in/new");
  expect(await inside(`cd /in/new; ${list}`)).toBe(tree);
  await shop.must("cp site/. db:/in");
  expect(await inside("ls /in; readlink /in/link; stat -c '%a %u' /in/run.sh")).toBe(
    "css\nindex.html\nlink\nnew\nrun.sh\nthere\nindex.html\n755 0",
  );
});

test("a file goes into a folder, or replaces a file", async () => {
  await inside("mkdir -p /file /target; ln -s /target /file/way");
  await shop.must(["cp", "plain file", "db:/file"]);
  await shop.must(["cp", "plain file", "db:/file/other"]);
  await shop.must(["cp", "plain file", "db:file/way"]);
  expect(await inside("cd /file; ls; cat other 'plain file' '/target/plain file'")).toBe(
    "other\nplain file\nway\ntexttexttext",
  );
  await shop.must("cp site/index.html db:/file/other");
  expect(await inside("cat /file/other")).toBe("<p>");
});

test("files and folders come out with modes, times and links", async () => {
  await inside(
    "mkdir -p /out/a; cd /out; echo 1 >a/b; chmod 640 a/b; touch -d @1000000000 a/b; ln -s a/b l; ln a/b a/c; mkfifo p",
  );
  const counts = await shop.json("cp db:/out here");
  expect(counts).toMatchObject({ files: 2, folders: 2, links: 1, bytes: 2 });
  expect((await readdir(path("here"))).toSorted()).toEqual(["a", "l"]);
  const { mode, mtimeMs, uid } = await stat(path("here/a/b"));
  expect({ mode: mode & 0o7777, mtimeMs }).toEqual({ mode: 0o640, mtimeMs: 1e12 });
  expect(uid).toBe(process.getuid?.() ?? 0);
  expect(await readlink(path("here/l"))).toBe("a/b");
  await mkdir(path("into"));
  await shop.must("cp db:/out into");
  await shop.must("cp db:/out/. into");
  expect((await readdir(path("into"))).toSorted()).toEqual(["a", "l", "out"]);
});

test("a link comes out as a link, or as what it leads to", async () => {
  await inside("mkdir -p /links; cd /links; echo 1 >f; ln -sf f l; ln -sfn . d");
  await shop.must("cp db:/links/l l");
  expect(await readlink(path("l"))).toBe("f");
  await shop.must("cp -L db:/links/l l");
  expect(await readFile(path("l"), "utf8")).toBe("1\n");
  await shop.must("cp db:/links/d/ followed");
  expect((await readdir(path("followed"))).toSorted()).toEqual(["d", "f", "l"]);
});

test("a stopped instance gives and takes files, and takes those of a service only with its instance", async () => {
  await shop.must("stop web one");
  await shop.must(["cp", "plain file", "web/one:/tmp/x"]);
  await shop.must("cp web/one:/tmp/x back");
  expect(await readFile(path("back"), "utf8")).toBe("text");
  await shop.must("start web one");
  const { status, stderr } = await shop.reyns("cp web:/tmp/x back");
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: 'error "web" has 2 instances\n      name one of them: one, two\n',
  });
});

test("a tar goes out on standard output, and comes in on standard input", async () => {
  const { executable } = await installation();
  const env = { PATH: process.env["PATH"] ?? "", HOME: shop.folder };
  const line = `cd '${shop.folder}' && tar -c site | '${executable}' cp - db:/mnt && '${executable}' cp db:/mnt/site - | tar -t | sort`;
  const piped = Bun.spawnSync(["sh", "-c", line], { env, stdin: "ignore" });
  expect(piped.stdout.toString()).toBe(
    "site/\nsite/css/\nsite/css/a.css\nsite/index.html\nsite/link\nsite/run.sh\n",
  );
  expect(withoutProgress(piped.stderr.toString())).toMatch(/^copied [\d.]+ kB to db:\/mnt\n$/);
});

test("300 MB arrive as they were", async () => {
  await inside("head -c 300000000 /dev/urandom >/tmp/big; sha256sum </tmp/big >/tmp/sum");
  await shop.must("cp db:/tmp/big big");
  const sum = await must("sha256sum", path("big"));
  await shop.must("cp big db:/tmp/again");
  expect((await inside("sha256sum </tmp/again; cat /tmp/sum")).split("\n")).toEqual(
    Array(2).fill(`${sum.split(" ")[0]}  -`),
  );
  await rm(path("big"));
});

test.each([
  ["cp db:/nowhere .", "db-one has no /nowhere"],
  ["cp nowhere db:/tmp", "there is no nowhere here"],
  ["cp db:/etc/hostname nowhere/", "there is no folder nowhere/"],
  ["cp db:/etc/hostname no/where", "there is no folder no\n      make it first: mkdir -p no"],
  ["cp site/run.sh db:/no/where", "db-one has no folder /no"],
  ["cp site/run.sh db:/nowhere/", "db-one has no folder /nowhere/"],
  ["cp site db:/etc/hostname", "/etc/hostname of db-one is a file, and no folder"],
  ["cp db:/etc site/run.sh", "site/run.sh is a file, and no folder"],
  ["cp db:/etc/hostname/ .", "/etc/hostname/ of db-one is no folder"],
  ["cp site/run.sh/ db:/tmp", "site/run.sh/ is no folder"],
])("%s says: %s", async (line, message) => {
  const { status, stderr } = await shop.reyns(line);
  expect({ status, stderr }).toEqual({ status: 1, stderr: `error ${message}\n` });
});

test.each([
  ["cp x y", "neither end of the copy is an instance"],
  ["cp db:/a web/one:/b", "both ends of the copy are instances"],
  ["cp db: .", '"db:" has no path'],
  ["cp db:/etc - json", "a tar on standard output needs a file or a pipe"],
])("%s is wrong usage: %s", async (line, message) => {
  const { status, stderr } = await shop.reyns(line);
  expect({ status, message: stderr.split("\n")[0] || message }).toEqual({
    status: 2,
    message: line.endsWith("json") ? message : `error ${message}`,
  });
});
