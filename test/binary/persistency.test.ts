import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { execIn } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { installation } from "./support/reyns.ts";

setDefaultTimeout(240_000);

const dockerfile = `FROM reyns/reyns-base
RUN mkdir /data/sub \\
 && echo "from the image" > /data/file && chmod 640 /data/file && chown 1234:5678 /data/file \\
 && touch /data/sub/private && chmod 4711 /data/sub/private && chmod 1770 /data/sub && chown reyns:reyns /data/sub \\
 && ln -s file /data/link && echo opt > /opt/kept
`;

let shop: Project;
let data: string;

beforeAll(async () => {
  shop = await createProject({
    "services/db/Dockerfile": dockerfile,
    "reyns.ts": `import { project, service } from "reyns";
project("persistent");
service("db", { instance: "one", instanceType: "persistent" });
`,
  });
  data = join(shop.folder, "data_persistent/db-one/data");
  await shop.must("build all");
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

const inside = (script: string): Promise<string> => execIn(shop.folder, "one", "sh", "-c", script);

const listing = "cd /data && find . -mindepth 1 -printf '%P %m %U:%G %y %l\\n' | sort";

test("run asks before it creates the folder for persistent data", async () => {
  const { status, stderr } = await shop.reyns("run all");
  expect(stderr).toContain(
    `The folder for persistent data, ${shop.folder}/data_persistent, does not exist.`,
  );
  expect(stderr).toContain("add yes=true, or create it");
  expect(status).toBe(2);
  expect(existsSync(join(shop.folder, "data_persistent"))).toBe(false);
  await shop.must("run all yes=True");
});

test("the first run copies the image's files with owners, modes and links", async () => {
  expect((await inside(listing)).split("\n").map((line) => line.trim())).toEqual([
    "file 640 1234:5678 f",
    "link 777 0:0 l file",
    "sub 1770 65527:65527 d",
    "sub/private 4711 0:0 f",
  ]);
  expect(await readFile(join(data, "file"), "utf8")).toBe("from the image\n");
  const { mode, uid, gid } = await stat(join(data, "sub"));
  expect([mode & 0o7777, uid, gid]).toEqual([0o1770, 65527, 65527]);
});

test("the copied folder keeps its owner", async () => {
  const own = await inside("stat -c %u:%g:%a /data");
  expect(own).toBe("65527:65527:755");
});

test("a persistent home and log folder are usable", async () => {
  await shop.must("ssh db one command=true");
  expect(await inside("stat -c %U /home/reyns; test -d /var/log/supervisor && echo there")).toBe(
    "reyns\nthere",
  );
});

test("clean and rerun keep the data of the host", async () => {
  await inside("echo changed > /data/file; rm /data/link; echo new > /data/sub/new");
  await shop.must("rerun db one");
  expect(await inside("cat /data/file /data/sub/new; test -e /data/link || echo gone")).toBe(
    "changed\nnew\ngone",
  );
  await shop.must("clean all force=True");
  await writeFile(join(data, "written-by-the-host"), "here\n");
  await shop.must("run all");
  expect(await inside("cat /data/file /data/written-by-the-host")).toBe("changed\nhere");
});

test("a new image does not overwrite the data of the host", async () => {
  await shop.write({ "services/db/Dockerfile": dockerfile.replace("from the image", "newer") });
  await shop.must("build db");
  await shop.must("rerun db one");
  expect(await inside("cat /data/file")).toBe("changed");
});

test("a folder without persistency loses its changes", async () => {
  await inside("echo lost > /opt/lost");
  await shop.must("rerun db one");
  expect(await inside("ls /opt")).not.toContain("lost");
});

test("run repeats a copy that was cut short, and keeps a folder without the mark of one", async () => {
  await shop.must("run db cut new=true persistent_opt=true");
  const opt = join(shop.folder, "data_persistent/db-cut/opt");
  await shop.must("clean db cut");
  await writeFile(join(opt, "kept"), "half");
  await writeFile(`${opt}.copying`, "");
  await shop.must("run db cut new=true persistent_opt=true");
  expect(await readFile(join(opt, "kept"), "utf8")).toBe("opt\n");
  await shop.must("clean db cut");
  await writeFile(join(opt, "kept"), "half");
  await shop.must("run db cut new=true persistent_opt=true");
  expect(await readFile(join(opt, "kept"), "utf8")).toBe("half");
});

test("DATA_DIR moves the data to another folder", async () => {
  const elsewhere = join(shop.folder, "elsewhere");
  await shop.must("run db far new=true persistent_data=true yes=True", {
    env: { DATA_DIR: elsewhere },
  });
  expect(await readFile(join(elsewhere, "db-far/data/file"), "utf8")).toBe("newer\n");
});

describe("clean data=true", () => {
  const volumes = (): Promise<string> =>
    must("docker", "volume", "ls", "-q", "--filter", `label=io.reyns.folder=${shop.folder}`);

  test("names the data that it would remove, and removes nothing where nobody can answer", async () => {
    const { status, stderr } = await shop.reyns("clean db one data=true");
    expect(stderr.replace(/\s+/g, " ")).toContain(
      "Remove db-one with all data: data_persistent/db-one/data, data_persistent/db-one/home, data_persistent/db-one/log?",
    );
    expect(stderr).toContain("add yes=true");
    expect(status).toBe(2);
    expect(await inside("cat /data/file")).toBe("changed");
  });

  test("removes the instance's own folders, and keeps other files beside them", async () => {
    await writeFile(join(data, "../note"), "mine");
    const { stderr } = await shop.reyns("clean db one data=true force=True");
    expect(stderr).toContain("data of db-one removed");
    expect(await readdir(join(data, ".."))).toEqual(["note"]);
    expect(existsSync(join(shop.folder, "data_persistent/db-cut/opt"))).toBe(true);
    await shop.must("run db one");
    expect(await inside("cat /data/file")).toBe("newer");
  });

  test("removes the project's volumes, but for one that another container uses", async () => {
    await shop.write({
      "reyns.ts": `import { project, service } from "reyns";
project("persistent");
for (const instance of ["one", "two"])
  service("keep", { image: "reyns/reyns-base", instance, volumes: { [instance]: "/one", both: "/both" }, command: ["sleep", "60"] });
`,
    });
    await shop.must("run all");
    const { stderr } = await shop.reyns("clean keep one data=true force=True");
    expect(stderr.replace(/\s+/g, " ")).toMatch(
      /volume persistent-\w+-both stays: another container/,
    );
    expect((await volumes()).split("\n").map((name) => name.split("-").at(-1))).toEqual([
      "both",
      "two",
    ]);
    await shop.must("clean keep two data=true force=True");
    expect(await volumes()).toBe("");
  });

  test("works for a user who may not remove the services' files", async () => {
    await shop.must("run db other persistent_data=true persistent_opt=true");
    const group = String((await stat("/var/run/docker.sock")).gid);
    for (const folder of [shop.folder, (await installation()).folder]) await chmod(folder, 0o755);
    const setpriv = Bun.which("setpriv") ?? "";
    const user = [setpriv, "--reuid=1234", "--regid=1234", `--groups=${group}`];
    await shop.must("clean db other data=true force=True", { inside: user });
    expect(await readdir(join(shop.folder, "data_persistent/db-other"))).toEqual([]);
  });
});
