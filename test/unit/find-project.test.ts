import { describe, expect, test } from "bun:test";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { findProject } from "../../src/project/locate.ts";
import { projectFolder, rejectedBy } from "./support/project-folder.ts";

describe("findProject searches upwards", () => {
  test.each(["reyns.ts", "default.conf", "run.conf", "services/x"])("finds %s", async (mark) => {
    await using project = await projectFolder({ [mark]: "", "a/b/c.txt": "" });
    const found = await findProject(join(project.folder, "a/b"), {});
    expect(found).toEqual({
      dockerOps: mark === "run.conf",
      folder: project.folder,
      origin: project.folder,
      movedFrom: [],
      script: mark === "reyns.ts" ? join(project.folder, "reyns.ts") : undefined,
      servicesFolder: join(project.folder, "services"),
    });
  });

  test("ignores a file called services, such as /etc/services", async () => {
    await using project = await projectFolder({ services: "ssh 22/tcp", "a/x": "" });
    const [error] = await rejectedBy(findProject(join(project.folder, "a"), {}));
    expect(error).toMatchObject({ code: "NO_PROJECT", exitStatus: 2 });
    expect(error?.hint).toContain("reyns install_demo");
  });

  test("returns the real path behind symbolic links", async () => {
    await using project = await projectFolder({ "reyns.ts": "" });
    const link = join(project.folder, "..", "link");
    await symlink(project.folder, link);
    expect((await findProject(link, {})).folder).toBe(project.folder);
    expect((await findProject("/", { PROJECT_DIR: link })).folder).toBe(project.folder);
  });

  test("PROJECT_DIR and SERVICES_IMAGES_DIR override the search", async () => {
    await using project = await projectFolder({ "reyns.ts": "", "sub/x": "" });
    const env = { PROJECT_DIR: "sub", SERVICES_IMAGES_DIR: "../images" };
    expect(await findProject(project.folder, env)).toEqual({
      folder: join(project.folder, "sub"),
      origin: join(project.folder, "sub"),
      movedFrom: [],
      script: undefined,
      dockerOps: false,
      servicesFolder: join(project.folder, "images"),
    });
    for (const wrong of ["nowhere", "reyns.ts"]) {
      const [error] = await rejectedBy(findProject(project.folder, { PROJECT_DIR: wrong }));
      expect(error?.message).toBe(`PROJECT_DIR is not a folder: ${join(project.folder, wrong)}`);
    }
  });
});
