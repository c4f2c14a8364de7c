// Which files of a project go to another machine.
import { expect, test } from "bun:test";
import { chmod, symlink } from "node:fs/promises";
import { join } from "node:path";
import { listFilesToSave } from "../../src/project/files-to-save.ts";
import { secretFinder } from "../../src/project/secret-files.ts";
import { must } from "../engine/support/images-container.ts";
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
    token: "secret of the build",
    "password.txt": "secret of the instance",
    "copy-of-password": "secret of the instance",
    id_ed25519: key("OPENSSH "),
    "tls/server.key": key(""),
    "shop-keys.json": '{\n  "reyns": "keys",\n  "version": 1\n}\n',
    ".env": "A=1",
  });
  await chmod(join(shop.folder, "web/run.sh"), 0o755);
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
    "file web/run.sh",
  ]);
  expect(files.find(({ path }) => path === "web/run.sh")?.mode).toBe(0o755);
  expect(Object.fromEntries(leftOut.map(({ path, reason }) => [path, reason]))).toEqual({
    ".env": "values of this host, which git does not have",
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
