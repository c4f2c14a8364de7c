import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { must, until } from "../engine/support/images-container.ts";
import { detailsOf } from "./support/containers.ts";
import { mayMount, mountAt } from "./support/disk.ts";
import { containerIds, execIn } from "./support/engine.ts";
import { createProject, type Project, removeVolumes } from "./support/project.ts";
import { installation } from "./support/reyns.ts";
import { openTerminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

const persistent = "persistent_data=True";
const kept =
  "persistent_data=True persistent_opt=True persistent_log=True persistent_home=True persistent_shared=True";

let shop: Project;

beforeAll(async () => {
  shop = await createProject({
    "services/db/Dockerfile": `FROM reyns/reyns-base
RUN for i in 1 2 3 4; do head -c 200000 /dev/zero > /data/file$i; done \\
 && chown 1234:5678 /data/file1 && chmod 640 /data/file1 \\
 && echo image > /opt/kept && echo image > /var/log/kept && echo image > /home/reyns/kept
`,
    "services/other/Dockerfile": "FROM reyns/reyns-base\n",
    "default.conf": "[]",
  });
  await shop.must("build all");
}, 300_000);

afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  if (shop) await removeVolumes(shop.folder);
});

const inside = (instance: string, script: string): Promise<string> =>
  execIn(shop.folder, instance, "sh", "-c", script);

/** The project is called as its folder is. */
const name = (): string => basename(shop.folder).toLowerCase();

const dataOf = (instance: string): string => join(shop.folder, `data_${name()}`, `db-${instance}`);

/** Name, size, owner and mode of all that is in a folder of the host. */
const listed = (folder: string): Promise<string> =>
  must("find", folder, "-mindepth", "1", "-printf", "%P %s %U:%G %m\\n");

const sorted = (text: string): string[] => text.split("\n").toSorted();

describe("a missing data folder", () => {
  test("is an error without a terminal, and is not created", async () => {
    const { status, stderr } = await shop.reyns(`run db one ${persistent}`);
    expect(status).toBe(2);
    expect(stderr).toMatch(/The folder for persistent data, \S+, does not exist. Create it\?/);
    expect(stderr).toContain("yes=true");
    expect(await containerIds(shop.folder)).toEqual([]);
    expect(existsSync(dataOf("one"))).toBe(false);
  });

  test("is created only after a yes on a terminal", async () => {
    await using terminal = await openTerminal({ folder: shop.folder });
    await terminal.type(`reyns run db one ${persistent}`);
    await terminal.see("Create it?");
    await terminal.press("n");
    await terminal.see(/\n\[130\]\$$/);
    expect(existsSync(dataOf("one"))).toBe(false);
    await terminal.type(`reyns run db one ${persistent}`);
    await terminal.see(/Create it\?[^]*Create it\?/);
    await terminal.press("y");
    await terminal.see(/db +one[^]*\n\[0\]\$$/);
    expect(existsSync(join(dataOf("one"), "data/file1"))).toBe(true);
    await shop.must("clean db one");
    await rm(dataOf("one"), { recursive: true });
  });
});

test("/data, /opt, /var/log and /home are kept by their own properties, and /shared by all instances", async () => {
  await shop.must(`run db one ${kept} yes=True`);
  const places = ["/data", "/opt", "/var/log", "/home/reyns", "/shared"];
  for (const place of places) await inside("one", `echo mine > ${place}/mine`);
  await shop.must("clean db one");
  await shop.must(`run db one ${kept}`);
  for (const place of places) expect(await inside("one", `cat ${place}/mine`)).toBe("mine");
  expect(await inside("one", "cat /opt/kept /var/log/kept /home/reyns/kept")).toBe(
    "image\nimage\nimage",
  );

  await shop.must("run other two persistent_shared=True");
  expect(await inside("two", "cat /shared/mine")).toBe("mine");
  await inside("two", "echo other > /shared/other");
  expect(await inside("one", "cat /shared/other")).toBe("other");
  await shop.must("clean all force=True");
  expect(sorted(await listed(join(dataOf("one"), "data")))).toEqual([
    "file1 200000 1234:5678 640",
    ...[2, 3, 4].map((number) => `file${number} 200000 0:0 644`),
    "mine 5 0:0 644",
  ]);
});

describe("run repeats a first copy that was killed:", () => {
  const states: [string, (data: string) => Promise<unknown>][] = [
    ["only the mark", (data) => must("sh", "-c", `rm -rf ${data}/*`)],
    ["half of the files", (data) => must("sh", "-c", `rm ${data}/file1 ${data}/file3`)],
    ["half of a file", (data) => writeFile(join(data, "file1"), "half")],
    ["another owner", (data) => must("chown", "-R", "1:1", data)],
    ["the folder is not there yet", (data) => rm(data, { recursive: true })],
  ];
  let data = "";
  let whole: string[] = [];

  beforeAll(async () => {
    data = join(dataOf("cut"), "data");
    await shop.must(`run db cut ${persistent} yes=True`);
    whole = sorted(await listed(data));
    await shop.must("clean db cut");
  });

  for (const [state, spoil] of states) {
    test(`killed with ${state}`, async () => {
      await spoil(data);
      await writeFile(`${data}.copying`, "");
      await shop.must(`run db cut ${persistent}`);
      expect(sorted(await listed(data))).toEqual(whole);
      expect(await readdir(dataOf("cut"))).toEqual(["data"]);
      await shop.must("clean db cut");
    });
  }
});

describe("after a kill in the middle of the first copy", () => {
  const data = (): string => join(dirname(dataOf("one")), "big-one/data");

  async function killed(): Promise<void> {
    const { executable, env } = await installation();
    const words = [executable, "run", "big", "one", persistent];
    const child = Bun.spawn(words, { cwd: shop.folder, env: { ...env }, stderr: "ignore" });
    await until("the mark", async () => existsSync(`${data()}.copying`));
    child.kill("SIGKILL");
    await child.exited;
    expect(existsSync(`${data()}.copying`)).toBe(true);
  }

  test("run copies everything, and leaves nothing else", async () => {
    await shop.write({
      "services/big/Dockerfile":
        "FROM reyns/reyns-base\nRUN head -c 150000000 /dev/zero > /data/big && touch /data/last\n",
    });
    await shop.must("build big");
    await killed();
    await shop.must(`run big one ${persistent}`);
    const files = await must("find", data(), "-mindepth", "1", "-printf", "%P %s\\n");
    expect(sorted(files)).toEqual(["big 150000000", "last 0"]);
    expect(await containerIds(shop.folder)).toHaveLength(1);
    await shop.must("clean big one");
  });

  test("clean removes what it left, but for the data", async () => {
    await rm(data(), { recursive: true });
    await killed();
    await shop.must("clean big one");
    expect(await containerIds(shop.folder)).toEqual([]);
    expect(existsSync(`${data()}.copying`)).toBe(true);
  });
});

test("safe_persistency keeps data in volumes of the Engine, which clean keeps", async () => {
  await shop.must(`run db safe safe_persistency=True ${persistent}`);
  const { Mounts } = await detailsOf(shop.folder, "safe");
  const volume = Mounts.find(({ Destination }) => Destination === "/data");
  expect(volume).toMatchObject({ Type: "volume", RW: true });
  expect(existsSync(dataOf("safe"))).toBe(false);
  expect(await inside("safe", "stat -c %U:%G /data; stat -c %u:%g:%a /data/file1")).toBe(
    "reyns:reyns\n1234:5678:640",
  );
  await inside("safe", "echo mine > /data/mine");
  await shop.must("clean db safe");
  await shop.must(`run db safe safe_persistency=True ${persistent}`);
  expect(await inside("safe", "cat /data/mine")).toBe("mine");
  await shop.must("clean db safe");
  const format = '{{index .Labels "io.reyns.folder"}}';
  const owner = await must("docker", "volume", "inspect", "--format", format, volume?.Name ?? "");
  expect(owner).toBe(shop.folder);
});

const inMemory = "/dev/shm";

test.skipIf(!existsSync(inMemory))("run keeps data on another file system", async () => {
  const folder = await mkdtemp(join(inMemory, "reyns-test-"));
  try {
    const env = { DATA_DIR: folder };
    await shop.must(`run db far ${persistent}`, { env });
    await inside("far", "echo changed > /data/file2");
    await shop.must("clean db far");
    await shop.must(`run db far ${persistent}`, { env });
    expect(await readFile(join(folder, "db-far/data/file2"), "utf8")).toBe("changed\n");
    expect(await inside("far", "stat -c %u:%g:%a /data/file1")).toBe("1234:5678:640");
    await shop.must("clean db far");
  } finally {
    await rm(folder, { recursive: true });
  }
});

const canMount = await mayMount();

describe("run fails with the reason and leaves nothing running:", () => {
  test.skipIf(!canMount)("on a full disk, and copies everything when there is room", async () => {
    await using disk = await mountAt(join(shop.folder, "small"), "size=300k");
    const env = { DATA_DIR: disk.path };
    const { status, stderr } = await shop.reyns(`run db full ${persistent}`, { env });
    expect(status).toBe(1);
    expect(stderr).toContain("db-full");
    expect(stderr).toContain("no space left on device");
    expect(await containerIds(shop.folder)).toEqual([]);
    await must("mount", "-o", "remount,size=4m", disk.path);
    await shop.must(`run db full ${persistent}`, { env });
    expect(sorted(await listed(join(disk.path, "db-full/data")))).toEqual([
      "file1 200000 1234:5678 640",
      ...[2, 3, 4].map((number) => `file${number} 200000 0:0 644`),
    ]);
    await shop.must("clean db full");
  });

  test.skipIf(!canMount)("on a read-only file system", async () => {
    await using disk = await mountAt(join(shop.folder, "frozen"), "ro");
    const env = { DATA_DIR: disk.path };
    const { status, stderr } = await shop.reyns(`run db frozen ${persistent}`, { env });
    expect(status).toBe(1);
    expect(stderr).toMatch(/error cannot write to the data folder \S+frozen: EROFS/);
    expect(stderr).toContain("nothing was started");
    expect(await containerIds(shop.folder)).toEqual([]);
  });

  test("when a file is in the folder's place", async () => {
    await writeFile(join(shop.folder, "occupied"), "mine");
    const env = { DATA_DIR: join(shop.folder, "occupied") };
    const { status, stderr } = await shop.reyns(`run db taken ${persistent}`, { env });
    expect(status).toBe(1);
    expect(stderr).toContain("occupied");
    expect(await readFile(join(shop.folder, "occupied"), "utf8")).toBe("mine");
    expect(await containerIds(shop.folder)).toEqual([]);
  });
});
