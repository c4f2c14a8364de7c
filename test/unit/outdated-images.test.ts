import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServiceFolder } from "../../src/model/project.ts";
import { cacheBuild, cacheFileIn } from "../../src/runtime/build/cache.ts";
import { packFolder } from "../../src/runtime/build/context.ts";
import {
  hasOtherBase,
  type InputHash,
  prepareInputHash,
} from "../../src/runtime/build/input-hash.ts";
import { hasChangedSinceBuild } from "../../src/runtime/build/outdated.ts";
import { recordBuild } from "../../src/runtime/build/record-build.ts";
import type { Engine } from "../../src/runtime/connect.ts";
import { projectOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

test("a service has changed when its context has, as far as it was built here", async () => {
  await using project = await projectFolder({ "web/Dockerfile": "FROM a", "web/a": "1" });
  const folder = join(project.folder, "web");
  const service = {
    ...projectOf([{ service: "web" }]).services.get("web"),
    folder,
  } as ServiceFolder;
  const built = { cacheFile: cacheFileIn(project.folder), privatePaths: [] };
  expect(await hasChangedSinceBuild(service, built)).toBe(false);

  const step = { repeatable: true, bases: [], labels: {}, arguments: {} };
  const createHash = await prepareInputHash(step as never, { env: {} } as never, built.cacheFile);
  const hash = createHash?.();
  for await (const _ of hash?.through(await packFolder(folder)) ?? []);
  const [inputs, files] = [hash?.digest() ?? "", hash?.files()];
  cacheBuild(built.cacheFile, service.image, { id: "sha256:1", inputs, files });
  expect(await hasChangedSinceBuild(service, built)).toBe(false);

  await writeFile(join(folder, "a"), "2");
  expect(await hasChangedSinceBuild(service, built)).toBe(true);
  await writeFile(join(folder, "a"), "1");
  expect(await hasChangedSinceBuild(service, built)).toBe(false);

  cacheBuild(built.cacheFile, service.image, { id: "sha256:1", inputs });
  await writeFile(join(folder, "a"), "2");
  expect(await hasChangedSinceBuild(service, built)).toBe(false);
});

test("a changed file of an additional context is a change of the service", async () => {
  await using project = await projectFolder({ "web/Dockerfile": "FROM a", "files/a": "1" });
  const [folder, files] = ["web", "files"].map((name) => join(project.folder, name)) as [
    string,
    string,
  ];
  const service = {
    ...projectOf([{ service: "web" }]).services.get("web"),
    folder,
    addedStages: { line: 0, count: 1, folders: [{ image: "shop/web.files", folder: files }] },
  } as ServiceFolder;
  const built = { cacheFile: cacheFileIn(project.folder), privatePaths: [] };
  const hash = new Bun.CryptoHasher("sha256");
  for await (const chunk of await packFolder(files)) hash.update(chunk as Buffer);
  const build = { id: "sha256:1", inputs: "", files: hash.digest("hex") };
  cacheBuild(built.cacheFile, "shop/web.files", build);
  expect(await hasChangedSinceBuild(service, built)).toBe(false);
  await writeFile(join(files, "a"), "2");
  expect(await hasChangedSinceBuild(service, built)).toBe(true);
});

test("an Engine whose image is of an earlier build is told from the one that was built on last", async () => {
  await using project = await projectFolder({ "web/Dockerfile": "FROM a", "web/a": "new" });
  const folder = join(project.folder, "web");
  const service = {
    ...projectOf([{ service: "web" }]).services.get("web"),
    folder,
  } as ServiceFolder;
  const cacheFile = cacheFileIn(project.folder);
  const files = new Bun.CryptoHasher("sha256");
  for await (const chunk of await packFolder(folder)) files.update(chunk as Buffer);
  const hashOf = (digest: string): InputHash =>
    ({ digest: () => digest, files: () => digest, sources: () => digest }) as InputHash;
  const record = (id: string, digest: string): Promise<void> =>
    recordBuild(
      service.image,
      { id, hash: hashOf(digest), existing: undefined, cacheFile },
      {} as Engine,
    );
  await record("there", "old");
  await record("here", files.digest("hex"));
  const changedWith = (id: string | undefined): Promise<boolean> =>
    hasChangedSinceBuild(service, { cacheFile, privatePaths: [], imageId: async () => id });
  expect(await changedWith("here")).toBe(false);
  expect(await changedWith("there")).toBe(true);
  // Made by another program: nothing is known of it.
  expect(await changedWith("other")).toBe(false);
});

test("a build that takes over the name of its base is current only while its result has that name", async () => {
  const engineWith = (images: Readonly<Record<string, string>>): Engine =>
    ({
      features: () => Promise.resolve({}),
      timeout: { milliseconds: 1000, ping: () => Promise.resolve() },
      send: ({ path }: { path: string }) => {
        const [, name = ""] = /images\/(.*)\/json/.exec(decodeURIComponent(path)) ?? [];
        const Id = images[name];
        return Promise.resolve(
          Id === undefined
            ? Response.json({ message: "No such image" }, { status: 404 })
            : Response.json({ Id, Config: {}, RepoDigests: [] }),
        );
      },
    }) as unknown as Engine;
  const step = { bases: ["base:1", "debian:12"], tags: ["base:1"] };
  const isOther = (images: Readonly<Record<string, string>>): Promise<boolean> =>
    hasOtherBase(step as never, engineWith(images), "sha256:own");
  expect(await isOther({ "base:1": "sha256:own", "debian:12": "sha256:a" })).toBe(false);
  expect(await isOther({ "base:1": "sha256:pulled", "debian:12": "sha256:a" })).toBe(true);
  expect(await isOther({ "debian:12": "sha256:a" })).toBe(true);
});
