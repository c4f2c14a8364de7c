import { expect, setDefaultTimeout, test } from "bun:test";
import { must } from "../engine/support/images-container.ts";
import { execIn } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const definition = (settings: string): string => `import { project, ready, service } from "reyns";
project("volumes");
service("store", { init: true, ready: ready.file("/etc/hostname"), ${settings} });
`;

const create = (settings: string): Promise<Project> =>
  createProject({
    "services/store/Dockerfile":
      'FROM debian:bookworm-slim\nRUN mkdir /kept && echo image > /kept/file\nVOLUME /kept\nCMD ["sleep", "600"]\n',
    "reyns.ts": definition(settings),
  });

const inStore = (project: Project, script: string): Promise<string> =>
  execIn(project.folder, "one", "sh", "-c", script);

async function volumes({ folder }: Project): Promise<string[]> {
  const filter = `label=io.reyns.folder=${folder}`;
  return (await must("docker", "volume", "ls", "-q", "--filter", filter))
    .split("\n")
    .filter(Boolean)
    .map((name) => name.replace(/^volumes-[0-9a-f]+-/, ""));
}

test("data at a VOLUME of the image survives replacement and clean, and goes with data=true", async () => {
  await using shop = await create("");
  await shop.must("run all");
  expect(await inStore(shop, "cat /kept/file; echo mine > /kept/file")).toBe("image");
  expect(await volumes(shop)).toEqual(["store-one.kept"]);

  await shop.write({ "reyns.ts": definition('env: { A: "1" }, volumes: { more: "/more" }') });
  // A volume that the image asks for is no part of the definition.
  const plan = await shop.must("plan all");
  expect(plan).toContain('-more:/more"');
  expect(plan).not.toContain("/kept");
  await shop.must("run all");
  expect(await inStore(shop, "cat /kept/file")).toBe("mine");
  await shop.must("clean all force");
  await shop.must("run all");
  expect(await inStore(shop, "cat /kept/file")).toBe("mine");

  await shop.must("clean store data=true force=true");
  expect(await volumes(shop)).toEqual([]);
  await shop.must("run all");
  expect(await inStore(shop, "cat /kept/file")).toBe("image");
});

test("run asks before it replaces a container by one without its named volume", async () => {
  await using shop = await create('volumes: { data: "/data" }');
  await shop.must("run all");
  await inStore(shop, "echo mine > /data/file");
  await shop.write({ "reyns.ts": definition('volumes: { renamed: "/data" }') });
  expect((await shop.reyns("plan all")).stderr).toContain(
    'store-one would no longer have the volume "data" at /data',
  );
  const { status, stderr } = await shop.reyns("run all");
  expect(stderr).toContain('the volume "data" at /data');
  expect(stderr).toContain("add yes=true, or name the volume as before");
  expect(status).toBe(2);
  expect(await inStore(shop, "cat /data/file")).toBe("mine");
  await shop.must("run all yes=true");
  expect(await inStore(shop, "ls /data")).toBe("");
  // The old volume is still there for a definition that names it again.
  await shop.write({ "reyns.ts": definition('volumes: { data: "/data" }') });
  await shop.must("run all yes=true");
  expect(await inStore(shop, "cat /data/file")).toBe("mine");
});

test("another instance has the data at a VOLUME of the image, and keeps it when it is replaced", async () => {
  const taker = (version: string): string =>
    definition('volumes: { data: "/data" }') +
    `service("reader", { image: "debian:bookworm-slim", command: ["sleep", "600"], init: true, ready: ready.started(),
  env: { VERSION: "${version}" }, volumesFrom: ["store:ro"] });\n`;
  await using shop = await create("");
  await shop.write({ "reyns.ts": taker("1") });
  await shop.must("run all");
  const write = "echo mine > /kept/file; echo more > /data/file";
  await shop.must(["shell", "store", "--", "sh", "-c", write]);
  const inReader = (...command: string[]) => shop.reyns(["shell", "reader", "--", ...command]);
  const content = async (): Promise<string> =>
    (await inReader("cat", "/kept/file", "/data/file")).stdout;
  expect(await content()).toBe("mine\nmore\n");
  expect((await inReader("touch", "/kept/new")).stderr).toContain("Read-only file system");

  await shop.write({ "reyns.ts": taker("2") });
  const { stdout, stderr } = await shop.reyns("plan all");
  expect(stdout + stderr).not.toContain("kept");
  await shop.must("run all");
  expect(await content()).toBe("mine\nmore\n");
});
