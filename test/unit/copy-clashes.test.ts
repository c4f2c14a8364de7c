import { expect, test } from "bun:test";
import { findProject } from "../../src/project/locate.ts";
import { inspectProject } from "../../src/project/read.ts";
import { projectFolder } from "./support/project-folder.ts";

const definition = `import { network, project, service, volume } from "reyns";
project("shop");
volume("data", { name: "shop-data" });
volume("saved", { name: "shop-data-backup" });
volume("shop-data-old", { external: true });
network("inner", { name: "inner" });
network("outer", { name: "inner-backup" });
service("web", { image: "i", volumes: ["data:/data", "saved:/saved", "shop-data-old:/old"], networks: ["inner", "outer"] });
`;

async function mistakesOf(copy: string): Promise<string[]> {
  await using folder = await projectFolder({ "reyns.ts": definition });
  const env = { REYNS_COPY: copy };
  const { errors } = await inspectProject(await findProject(folder.folder, env), env);
  return errors.map(({ message }) => message);
}

test.each([
  [
    "backup",
    [
      "the volume data of the copy backup would be shop-data-backup, which the project has as saved",
      "the network inner of the copy backup would be inner-backup, which the project has as outer",
    ],
  ],
  [
    "old",
    [
      "the volume data of the copy old would be shop-data-old, which the project has as shop-data-old",
    ],
  ],
  ["demo", []],
])("a copy %s may have no volume or network of the project", async (copy, mistakes) => {
  expect(await mistakesOf(copy)).toEqual(mistakes);
});
