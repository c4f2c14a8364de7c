import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

let shop: Project;
let own: string;
beforeAll(async () => {
  await importSmallImage();
  own = await must("docker", "image", "inspect", "-f", "{{.Os}}/{{.Architecture}}", smallImage);
  shop = await createProject();
});
afterAll(() => shop?.[Symbol.asyncDispose]());

const script = (platform: string): string => `import { service } from "reyns";
service("web", { image: "${smallImage}", stopSignal: "SIGKILL", platform: "${platform}" });
`;

test("an image of that platform runs", async () => {
  await shop.write({ "reyns.ts": script(own) });
  await shop.must("run all");
  expect(await containerIds(shop.folder)).toHaveLength(1);
  expect(await shop.must("plan")).toStartWith("Nothing to do");
});

test("one of another platform is refused, and what ran before runs again", async () => {
  const before = await containerIds(shop.folder);
  await shop.write({ "reyns.ts": script(own === "linux/s390x" ? "linux/amd64" : "linux/s390x") });
  const { status, stderr } = await shop.reyns("run all");
  expect(status).toBe(1);
  // With containerd's store, Docker says only which one is wanted.
  expect(stderr).toMatch(new RegExp(`its image is (?:for ${own}, )?not for linux/`));
  expect(await containerIds(shop.folder)).toEqual(before);
});
