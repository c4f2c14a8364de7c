import { expect, test } from "bun:test";
import { projectFolder } from "./support/project-folder.ts";

const restartsOf = async (files: Readonly<Record<string, string>>): Promise<unknown[]> => {
  await using project = await projectFolder(files);
  return (await project.read()).conf.instances.map(({ runtime }) => runtime?.restart);
};

test("a DNS and a router come back after a boot, unless their definition says otherwise", async () => {
  const text = `import { dns, router, service } from "reyns";
dns();
dns({ instance: "two", restart: "no" });
service("reyns-dns", { instance: "three" });
router();
service("web", { image: "nginx" });
`;
  const expected = ["unless-stopped", "no", "unless-stopped", "unless-stopped", undefined];
  expect(await restartsOf({ "reyns.ts": text })).toEqual(expected);
});

test("so does the DNS of a conf", async () => {
  const conf =
    '[{ "service": "reyns-dns", "instance": "main" }, { "service": "reyns-base", "instance": "one" }]';
  expect(await restartsOf({ "default.conf": conf })).toEqual(["unless-stopped", undefined]);
});
