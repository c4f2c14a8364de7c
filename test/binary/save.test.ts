// Images and files of a project in one file, from an Engine and back.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { copyFile, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { signatureFile } from "../../src/runtime/receipts/write.ts";
import { must } from "../engine/support/images-container.ts";
import { createProject } from "./support/project.ts";
import { writeReceiptOf } from "./support/receipts.ts";
import { reyns } from "./support/reyns.ts";
import { idOf, removeImage, type SavableProject, savedProject } from "./support/saved.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

test("a project that is saved, removed and loaded runs the same images from the same files", async () => {
  await using shop = await savedProject("saveone");
  await shop.project.must("save out=../saved.reyns");
  const ids = [await idOf(shop.image), await idOf(smallImage)];
  await shop.forget();
  await removeImage(shop.image);
  const loaded = JSON.parse(await shop.outside("load saved.reyns json"));
  expect(loaded.images).toEqual([
    { name: smallImage, id: ids[1], savedId: ids[1], layers: 1 },
    { name: `${shop.image}:latest`, id: ids[0], savedId: ids[0], layers: 2 },
  ]);
  expect(loaded).toMatchObject({ folder: shop.project.folder, files: 6, filesOfBase: 0 });
  expect([await idOf(shop.image), await idOf(smallImage)]).toEqual(ids);
  expect((await readdir(shop.project.folder)).toSorted()).toEqual([
    ".gitignore",
    ".reyns",
    "current",
    "reyns.ts",
    "web",
  ]);
  expect((await stat(join(shop.project.folder, "web/start"))).mode & 0o777).toBe(0o755);

  const { stderr } = await shop.project.reyns("run all");
  expect(stderr).toContain("web-one");
  expect(stderr).not.toContain("built");
  const container = await must("docker", "ps", "-q", "--filter", "label=io.reyns.project=saveone");
  const images = await must(
    "docker",
    "inspect",
    "--format",
    "{{.Image}}",
    ...container.split("\n"),
  );
  expect(new Set(images.split("\n"))).toEqual(new Set(ids));
});

test("a file that would be lost is not saved to", async () => {
  await using shop = await savedProject("saveten");
  await shop.project.must("save out=../saved.reyns");
  for (const [words, reason] of [
    ["save out=../saved.reyns", "exists already"],
    ["save out=../nowhere/saved.reyns", "the folder of "],
    ["save out=.. force=true", " is a folder"],
    ["save out=../saved.reyns since=../saved.reyns force=true", "are the same file"],
    ["save out=../other.reyns since=reyns.ts", "is not a file of reyns save"],
  ] as const) {
    const { status, stderr } = await shop.project.reyns(words);
    expect({ words, stderr, failed: status > 0 }).toMatchObject({ failed: true });
    expect(stderr).toContain(reason);
  }
  expect((await readdir(shop.outer)).toSorted()).toEqual(["saved.reyns", "saveten"]);
});

test("a conf with a mistake, which may hide secrets, is saved only with force", async () => {
  await using shop = await savedProject("savethirteen");
  await shop.project.write({ "other.conf": '[{ "service": "none", "instance": "a" }]' });
  const refused = await shop.project.reyns("save out=../saved.bin");
  expect(refused).toMatchObject({ status: 2 });
  expect(refused.stderr).toContain('secrets of the conf "other" may not be recognized');
  expect(refused.stderr).toContain("force=true");
  expect(existsSync(join(shop.outer, "saved.bin"))).toBe(false);
  const { status, stderr } = await shop.project.reyns("save out=../saved.bin force=true");
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stderr).toContain('secrets of the conf "other" may not be recognized');
});

test("save counts the names of an image, or its words do not fit two instances", async () => {
  await using shop = await savedProject("savefourteen");
  const name = "savefourteen-twin:1";
  await must("docker", "tag", smallImage, name);
  await using _ = { [Symbol.asyncDispose]: async () => void (await removeImage(name)) };
  const volumes = `volumes: ["./ignored:/ignored:ro"], image: `;
  const definition = (await shop.definition()).replace("image: ", volumes);
  const twin = `service("twin", { ${volumes} "${name}", ...runs });\n`;
  await shop.project.write({ "reyns.ts": definition + twin });
  const { stderr } = await shop.project.reyns("save out=../saved.bin");
  expect(stderr).toContain("left out: ./ignored, which idle-one, twin-one mount\n");
  expect(stderr).toContain("saving 2 images");
  expect(stderr).toContain("saved 2 images");
});

test("a file that is saved can be read with zstd and tar, and by docker load", async () => {
  await using shop = await savedProject("savetwo");
  const volumes = `volumes: ["./web:/web", "./ignored:/ignored:ro", ".:/all"], image: `;
  const definition = (await shop.definition()).replace("image: ", volumes);
  await shop.project.write({ "reyns.ts": definition });
  const { stderr } = await shop.project.reyns("save out=../saved.reyns");
  expect(stderr).toContain("left out: ./ignored, which idle-one mounts");
  expect(stderr).toContain("saved as it is now: ./web, into which idle-one may write");
  expect(stderr).toContain("saved as it is now: ., into which idle-one may write");
  const file = join(shop.outer, "saved.reyns");
  const id = await idOf(shop.image);
  const list = await must("sh", "-c", `zstd -dc ${file} | tar -t`);
  expect(list).toContain("project/web/Dockerfile");
  expect(list).not.toContain("secret");
  await removeImage(shop.image);
  await must("sh", "-c", `zstd -dc ${file} | docker load`);
  expect(await idOf(shop.image)).toBe(id);
});

test("what was tested here runs by its receipt where it was loaded", async () => {
  await using shop = await savedProject("savenine");
  await shop.project.must("run all");
  await writeReceiptOf(shop.project.folder);
  await shop.project.must("clean all force=true");
  await shop.project.must(`keys export ${shop.outer}/keys.json`);
  await shop.project.must("save out=../saved.reyns");
  const tested = await idOf(shop.image);
  await refusesForgedReceipt(shop);
  await shop.project.write({ "web/page": "not tested\n" });
  await shop.project.must("build web");
  const other = await shop.project.reyns("save out=../other.reyns json");
  expect(JSON.parse(other.stdout)).toMatchObject({ receipts: [] });
  const [receipt = ""] = JSON.parse(
    await shop.outside("load saved.reyns check=true json"),
  ).receipts;
  const refused = await shop.project.reyns([
    "save",
    "out=../other.reyns",
    "force=true",
    `receipt=.reyns/receipts/${receipt}`,
  ]);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("is a receipt of another image savenine/web:latest");

  await shop.forget();
  await must("docker", "image", "rm", "--force", shop.image, tested);
  const loaded = await reyns(shop.outer, "load saved.reyns");
  expect(loaded.stderr).toContain(
    "next: cd savenine, bring its keys (reyns keys import FILE), and reyns run all receipt=latest",
  );
  await shop.project.must("keys import ../keys.json");
  await shop.project.must("run all receipt=latest");
  expect(await idOf(shop.image)).toBe(tested);
  await shop.project.write({ "reyns.ts": (await shop.definition()).replace("600", "601") });
  await shop.project.must("clean all force=true");
  const changed = await shop.project.reyns("run all receipt=latest");
  expect(changed.status).toBe(1);
  expect(changed.stderr).toContain("not what was tested");
});

/** One that is newer, and was changed after it was signed. */
async function refusesForgedReceipt({ project }: SavableProject): Promise<void> {
  const folder = join(project.folder, ".reyns/receipts");
  const own = (await readdir(folder)).find((name) => name.endsWith(".json")) ?? "";
  const text = await Bun.file(join(folder, own)).text();
  for (const [name, content] of [
    ["9999.json", `${text} `],
    ["a b.json", text],
  ] as const) {
    await Bun.write(join(folder, name), content);
    await copyFile(signatureFile(join(folder, own)), signatureFile(join(folder, name)));
  }
  const saved = await project.reyns("save out=../forged.reyns json");
  expect(JSON.parse(saved.stdout)).toMatchObject({ receipts: [own, signatureFile(own)] });
  expect(saved.stderr).toContain("left out: a receipt that does not count: ");
  const forged = await project.reyns("save out=../a.reyns receipt=.reyns/receipts/9999.json");
  expect(forged).toMatchObject({ status: 1 });
  expect(forged.stderr).toContain("is not what was signed");
  const named = await project.reyns(["save", "out=../a.reyns", "receipt=.reyns/receipts/a b.json"]);
  expect(named).toMatchObject({ status: 1 });
  expect(named.stderr).toContain("has a name that no load accepts");
  for (const name of ["9999.json", "a b.json"]) {
    await rm(join(folder, name));
    await rm(signatureFile(join(folder, name)));
  }
}

test("a save asks no machine of node(), as the images come from the caller's Engine", async () => {
  const image = JSON.stringify(smallImage);
  await using spread = await createProject(
    {
      "reyns.ts": `import { node, project, service } from "reyns";
project("savenodes");
node("one", "unix:///nowhere/docker.sock", { address: "10.0.0.1" });
service("web", { image: ${image}, group: "one" });
`,
    },
    { offline: true },
  );
  const saved = JSON.parse(await spread.must("save out=saved.reyns json")) as { images: unknown[] };
  expect(saved.images).toHaveLength(1);
});
