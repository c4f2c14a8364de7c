// Images and files of a project out of one file, into a new folder or over what is there.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { writeSavedFile } from "../support/saved-file.ts";
import { projectIn } from "./support/project.ts";
import { reyns } from "./support/reyns.ts";
import { idOf, isOnEngine, removeImage, savedProject } from "./support/saved.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

test("two loads into the same new folder wait for each other", async () => {
  await using shop = await savedProject("savetwelve");
  await shop.project.must("save out=../saved.reyns");
  await shop.forget();
  const loads = await Promise.all([1, 2, 3].map(() => reyns(shop.outer, "load saved.reyns")));
  for (const { status, stderr } of loads) expect({ status, stderr }).toMatchObject({ status: 0 });
  const left = await readdir(join(shop.project.folder, ".reyns"));
  expect(left.filter((name) => name.startsWith("loading"))).toEqual([]);
});

test("changes alone are saved, and loaded only on top of what they change", async () => {
  await using shop = await savedProject("savethree");
  await shop.project.must("save out=../first.reyns");
  const first = await idOf(shop.image);
  await shop.project.write({ "web/page": "a new line\n" });
  await shop.project.must("build web");
  await shop.project.must("save out=../second.reyns since=../first.reyns");
  const second = await idOf(shop.image);
  expect(second).not.toBe(first);
  const [whole, changes] = await Promise.all(
    ["first.reyns", "second.reyns"].map(async (name) => (await stat(join(shop.outer, name))).size),
  );
  expect(changes).toBeLessThan((whole ?? 0) * 0.05);
  await shop.forget();
  for (const id of [first, second]) await must("docker", "image", "rm", "--force", id);
  await must("docker", "image", "tag", smallImage, "savethree/kept");
  await removeImage(smallImage);
  await removeImage("savethree/kept");

  const refused = await reyns(shop.outer, "load second.reyns");
  expect(refused).toMatchObject({ status: 1, stdout: "" });
  expect(refused.stderr).toContain("second.reyns has only what changed since first.reyns");
  expect(refused.stderr).toContain("reyns load first.reyns");
  expect(existsSync(shop.project.folder)).toBe(false);
  expect(await isOnEngine(shop.image)).toBe(false);

  await shop.outside("load first.reyns");
  expect(await idOf(shop.image)).toBe(first);
  await shop.outside("load second.reyns");
  expect(await idOf(shop.image)).toBe(second);
  expect(await Bun.file(join(shop.project.folder, "web/page")).text()).toBe("a new line\n");
});

test("a load keeps what belongs to the host, and overwrites what was changed only with force", async () => {
  await using shop = await savedProject("savefour");
  const { folder } = shop.project;
  await shop.project.must("save out=../first.reyns");
  await rm(join(folder, "current"));
  await shop.project.write({ "web/page": "second\n" });
  await shop.project.must("save out=../second.reyns");
  await shop.forget();
  await shop.outside("load first.reyns");
  const own = { "host.conf": '{ "A": "1" }', ".reyns/keys/mine": "key", "data_savefour/a": "data" };
  await shop.project.write({ ...own, "web/page": "changed here\n", "notes.txt": "mine" });

  const refused = await reyns(shop.outer, "load second.reyns");
  expect(refused).toMatchObject({ status: 2 });
  expect(refused.stderr).toContain("web/page");
  expect(refused.stderr).toContain("force=true");
  const textOf = (name: string): Promise<string> => Bun.file(join(folder, name)).text();
  expect(await textOf("web/page")).toBe("changed here\n");
  expect(existsSync(join(folder, "current"))).toBe(true);

  await shop.outside("load second.reyns force=true");
  expect(await textOf("web/page")).toBe("second\n");
  expect(existsSync(join(folder, "current"))).toBe(false);
  for (const [name, text] of Object.entries({ ...own, "notes.txt": "mine" }))
    expect(await textOf(name)).toBe(text);
});

test("a folder with other files is refused before anything is loaded", async () => {
  await using shop = await savedProject("savefive");
  await shop.project.must("save out=../saved.reyns");
  await removeImage(shop.image);
  const { status, stderr } = await reyns(shop.outer, "load saved.reyns");
  expect(status).toBe(1);
  expect(stderr).toContain("has files that no load has put there, such as ");
  expect(await isOnEngine(shop.image)).toBe(false);
});

test("a file comes by standard input, and is verified without being loaded", async () => {
  await using shop = await savedProject("savesix");
  await shop.project.must("save out=../saved.reyns");
  await shop.forget();
  await removeImage(shop.image);
  const inside = ["sh", "-c", 'exec "$@" <saved.reyns', "sh"];
  const checked = await reyns(shop.outer, "load - check=true json", { inside });
  expect(JSON.parse(checked.stdout)).toMatchObject({
    project: "savesix",
    paths: [".gitignore", "current", "reyns.ts", "web/Dockerfile", "web/page", "web/start"],
  });
  expect(await isOnEngine(shop.image)).toBe(false);
  const loaded = await reyns(shop.outer, "load -", { inside });
  expect(loaded.status).toBe(0);
  expect(await isOnEngine(shop.image)).toBe(true);
});

test("a file whose last layer is not what it says loads no image at all", async () => {
  await using shop = await savedProject("saveseven");
  await shop.project.must("save out=../saved.reyns");
  const { blobs, index } = await shop.read("saved.reyns");
  const last = blobs.at(-1) ?? Buffer.alloc(0);
  const damaged = Buffer.from(last);
  damaged.writeUInt8(damaged.readUInt8(0) ^ 1, 0);
  await writeSavedFile(join(shop.outer, "damaged.reyns"), {
    index: { ...index, files: [] },
    blobs: blobs.slice(0, -1),
    lastBlob: { digest: index.blobs.at(-1)?.digest ?? "", content: damaged },
  });
  await shop.forget();
  await removeImage(shop.image);
  const { status, stderr } = await reyns(shop.outer, "load damaged.reyns");
  expect({ status, stderr }).toMatchObject({ status: 1 });
  expect(stderr).toContain("does not have the content that its digest says; nothing was loaded");
  expect(await isOnEngine(shop.image)).toBe(false);
  expect(existsSync(shop.project.folder)).toBe(false);
});

test("a project is loaded without any network", async () => {
  await using shop = await savedProject("saveeight");
  await shop.project.must("save out=../saved.reyns");
  await shop.forget();
  await removeImage(shop.image);
  const loaded = await reyns(shop.outer, "load saved.reyns", {
    inside: [Bun.which("unshare") ?? "", "--net"],
  });
  expect(loaded).toMatchObject({ status: 0 });
  expect(await isOnEngine(shop.image)).toBe(true);
});

test("a project that is loaded into another folder of the same machine runs the images that came with it", async () => {
  await using shop = await savedProject("saveeleven");
  await shop.project.must("save out=../saved.reyns");
  const id = await idOf(shop.image);
  await shop.outside("load saved.reyns folder=elsewhere");
  await using elsewhere = projectIn(join(shop.outer, "elsewhere"), {
    outer: join(shop.outer, "elsewhere"),
  });
  const { status, stderr } = await elsewhere.reyns("run all");
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stderr).not.toContain("built");
  const [web] = (await elsewhere.json("ps web")) as { id: string }[];
  expect(await must("docker", "inspect", "--format", "{{.Image}}", web?.id ?? "")).toBe(id);
});
