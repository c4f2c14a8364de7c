// Which files of a project go to another machine.
import { expect, test } from "bun:test";
import { chmod, symlink } from "node:fs/promises";
import { join } from "node:path";
import { listFilesToSave } from "../../src/project/files-to-save.ts";
import { convertComposeProject } from "../../src/project/compose/convert.ts";
import { addToIgnored } from "../../src/project/git-ignore.ts";
import { secretFinder } from "../../src/project/secret-files.ts";
import { must } from "../engine/support/images-container.ts";
import { writeSavedFile } from "../support/saved-file.ts";
import { projectFolder } from "./support/project-folder.ts";

const definition = `import { file, project, service } from "reyns";
project("shop");
service("web", { build: { context: "./web", secrets: { token: { file: "./token" } } } });
service("db", { image: "db:1", secrets: { password: file("./password.txt") } });
`;

const key = (name: string): string => `-----BEGIN ${name}PRIVATE KEY-----\nx\n`;

test("everything is saved but this host's own, what git ignores, and secrets", async () => {
  await using shop = await projectFolder({
    "reyns.ts": definition,
    "web/Dockerfile": "FROM scratch\n",
    "web/run.sh": "#!/bin/sh\n",
    ".gitignore": "*.log\n/dist/\n",
    "a.log": "",
    "dist/x": "",
    "host.conf": "{}",
    ".reyns/keys/x": "",
    "data_shop/db/x": "",
    "other/.reyns-project": "{}",
    "other/data": "",
    ".git/config": "",
    "earlier.reyns": "",
    "killed.reyns.12.part": "",
    "web/nested/Host.conf": "A=1",
    "web/nested/.GIT/config": "",
    "store.P12": "binary",
    "age.txt": "# public key: age1x\nAGE-SECRET-KEY-1QQ\n",
    "putty.ppk": "PuTTY-User-Key-File-3: ssh-ed25519\n",
    "signing.asc": "-----BEGIN PGP PRIVATE KEY BLOCK-----\n",
    "big.pem": `${"x".repeat(262_130)}${key("RSA ")}`,
    token: "secret of the build",
    "password.txt": "secret of the instance",
    "copy-of-password": "secret of the instance",
    id_ed25519: key("OPENSSH "),
    "tls/server.key": key(""),
    "shop-keys.json": '{\n  "reyns": "keys",\n  "version": 1\n}\n',
    ".env": "A=1",
  });
  await chmod(join(shop.folder, "web/run.sh"), 0o755);
  await writeSavedFile(join(shop.folder, "earlier.bin"), { files: { a: "1" } });
  await symlink("web/run.sh", join(shop.folder, "run"));
  await symlink("../../outside", join(shop.folder, "web/outside"));
  await symlink("/etc/passwd", join(shop.folder, "passwd"));
  const project = await shop.read();
  const { files, leftOut } = await listFilesToSave(project, secretFinder([project]));
  expect(files.map(({ path, type, target = "" }) => `${type} ${path} ${target}`.trim())).toEqual([
    "file .gitignore",
    "file reyns.ts",
    "symlink run web/run.sh",
    "directory tls",
    "file web/Dockerfile",
    "directory web/nested",
    "file web/run.sh",
  ]);
  expect(files.find(({ path }) => path === "web/run.sh")?.mode).toBe(0o755);
  expect(Object.fromEntries(leftOut.map(({ path, reason }) => [path, reason]))).toEqual({
    ".env": "values of this host, which git does not have",
    "age.txt": "a private key",
    "big.pem": "a private key",
    "putty.ppk": "a private key",
    "signing.asc": "a private key",
    "store.P12": "a store of keys",
    "web/nested/Host.conf": "values of a host",
    "copy-of-password": "a secret of the definition",
    id_ed25519: "a private key",
    passwd: "a link that leads out of the folder, to /etc/passwd",
    "password.txt": "a secret of the definition",
    "shop-keys.json": "keys of a project",
    "tls/server.key": "a private key",
    token: "a secret of a build",
    "web/outside": "a link that leads out of the folder, to ../../outside",
  });
});

test("an .env that git has, and an empty folder, are saved", async () => {
  await using shop = await projectFolder({ "reyns.ts": 'import "reyns";\n', ".env": "A=1" });
  await must("git", "init", "--quiet", shop.folder);
  await must("git", "-C", shop.folder, "add", ".env");
  await must("mkdir", "-p", join(shop.folder, "a/empty"));
  const project = await shop.read();
  const { files, leftOut } = await listFilesToSave(project, secretFinder([project]));
  expect(files.map(({ path }) => path)).toEqual([".env", "a/empty", "reyns.ts"]);
  expect(leftOut).toEqual([]);
});

test("secrets of a Compose file are recognized whatever uses them, also behind a link", async () => {
  await using shop = await projectFolder({
    "compose.yaml": `services:
  web: { image: "i" }
  job: { build: { context: ., secrets: [of-build] }, profiles: [jobs] }
secrets:
  of-build: { file: ./of-build.txt }
  unused: { file: ./unused.txt }
  linked: { file: ./linked }
`,
    Dockerfile: "FROM scratch\n",
    "of-build.txt": "a",
    "unused.txt": "b",
    "target.txt": "c",
  });
  await symlink("target.txt", join(shop.folder, "linked"));
  const project = await shop.read();
  const { files, leftOut } = await listFilesToSave(project, secretFinder([project]));
  expect(files.map(({ path }) => path)).toEqual(["Dockerfile", "compose.yaml", "linked"]);
  expect(leftOut.map(({ path }) => path)).toEqual(["of-build.txt", "target.txt", "unused.txt"]);
});

test("secrets of a Compose file are saved once it is converted to reyns.ts", async () => {
  await using shop = await projectFolder({
    "compose.yaml": `services:
  web:
    image: "i"
    secrets: [usual, { source: elsewhere, target: /etc/key }]
  job: { build: { context: ., secrets: [of-build] } }
  off: { image: "i", scale: 0, secrets: [off] }
secrets:
  usual: { file: ./usual.txt }
  elsewhere: { file: ./elsewhere.txt }
  of-build: { file: ./of-build.txt }
  off: { file: ./off.txt }
  unused: { file: ./unused.txt }
  outside: { file: ../outside.txt }
`,
    Dockerfile: "FROM scratch\n",
    "usual.txt": "a",
    "elsewhere.txt": "b",
    "of-build.txt": "c",
    "off.txt": "d",
    "unused.txt": "e",
  });
  const { folder } = shop;
  const place = { folder, origin: folder, compose: join(folder, "compose.yaml") };
  const { text, notes, lostSecrets } = await convertComposeProject(place, {});
  await Bun.write(join(folder, "reyns.ts"), text);
  expect(addToIgnored(folder, lostSecrets)).toEqual(["elsewhere.txt", "off.txt", "unused.txt"]);
  expect(notes.map((note) => note.split(" ")[0])).toEqual([
    "elsewhere.txt",
    "off.txt",
    "unused.txt",
  ]);
  const project = await shop.read();
  const { files, leftOut } = await listFilesToSave(project, secretFinder([project]));
  expect(files.map(({ path }) => path)).toEqual([
    ".gitignore",
    "Dockerfile",
    "compose.yaml",
    "reyns.ts",
  ]);
  expect(leftOut.map(({ path }) => path)).toEqual(["of-build.txt", "usual.txt"]);
});

test("secrets of a file that compose() reads are recognized, although no service uses them", async () => {
  await using shop = await projectFolder({
    "reyns.ts": `import { compose } from "reyns";
compose("./stack/compose.yaml", { web: { secrets: {} } });
`,
    "stack/compose.yaml": `services:
  web: { image: "i", secrets: [replaced] }
secrets:
  replaced: { file: ./replaced.txt }
  unused: { file: ../unused.txt }
`,
    "stack/replaced.txt": "a",
    "unused.txt": "b",
  });
  const project = await shop.read();
  const { files, leftOut } = await listFilesToSave(project, secretFinder([project]));
  expect(files.map(({ path }) => path)).toEqual(["reyns.ts", "stack/compose.yaml"]);
  expect(leftOut.map(({ path }) => path)).toEqual(["stack/replaced.txt", "unused.txt"]);
});

test("files and folders that a reyns.ts mounts as secrets are saved", async () => {
  await using shop = await projectFolder({
    "reyns.ts": `import { service } from "reyns";
const volumes = ["./pw.txt:/run/secrets/pw:ro", "$PROJECT_DIR/more:/run/secrets/more/"];
service("db", { image: "i", volumes });
service("web", {
  image: "i",
  volumes: [
    { type: "bind", source: "./token.txt", target: "/run/secrets//token" },
    { type: "bind", source: "./all", target: "/run/secrets/" },
    "./site:/run/secrets.d",
  ],
});
`,
    "pw.txt": "a",
    "more/deep/one.txt": "b",
    "token.txt": "c",
    "all/two.txt": "e",
    "site/index.html": "d",
  });
  const project = await shop.read();
  const { files, leftOut } = await listFilesToSave(project, secretFinder([project]));
  expect(files.map(({ path }) => path)).toEqual([
    "all",
    "more/deep",
    "reyns.ts",
    "site/index.html",
  ]);
  expect(leftOut.map(({ path }) => path)).toEqual([
    "all/two.txt",
    "more/deep/one.txt",
    "pw.txt",
    "token.txt",
  ]);
});

test("a link that leads out through another link is left out, and what git ignores is listed", async () => {
  await using shop = await projectFolder({
    "reyns.ts": 'import "reyns";\n',
    ".gitignore": "cache/\n",
    "web/cache/x": "",
    "web/page": "",
  });
  await must("mkdir", "-p", join(shop.folder, "a/b"));
  await symlink("..", join(shop.folder, "a/b/up"));
  await symlink("a/b/up/../../x", join(shop.folder, "out"));
  await symlink("a/b/up/b", join(shop.folder, "inside"));
  const project = await shop.read();
  const { files, leftOut, ignored } = await listFilesToSave(project, secretFinder([project]));
  expect(files.map(({ path }) => path)).toEqual([
    ".gitignore",
    "a/b/up",
    "inside",
    "reyns.ts",
    "web/page",
  ]);
  expect(leftOut.map(({ path }) => path)).toEqual(["out"]);
  expect(ignored).toEqual(["web/cache"]);
});
