// What instances mount from the host, and the volumes that the project leaves on the Engine.
import { expect, setDefaultTimeout, test } from "bun:test";
import { stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { execIn } from "./support/engine.ts";
import { createProject } from "./support/project.ts";

setDefaultTimeout(60_000);

const script = (services: string): string => `import { project, ready, service } from "reyns";
project("stored");
const image = { image: "debian:bookworm-slim", command: ["sleep", "600"], init: true, ready: ready.started() };
${services}
`;

test("a file of the project is mounted writable as it is, a missing path becomes a folder", async () => {
  await using shop = await createProject({ "conf/real": "1\n", Caddyfile: "2\n" });
  await symlink("conf/real", join(shop.folder, "link"));
  const absolute = join(shop.folder, "conf/real");
  await shop.write({
    "reyns.ts": script(`service("web", { ...image, volumes: [
  "./Caddyfile:/a", "./link:/b:rw", "${absolute}:/c:z", "./new/folder:/d:delegated",
] });`),
  });
  await shop.must("run all");
  const read = await execIn(shop.folder, "one", "sh", "-c", "echo x >> /a; cat /a /b /c; ls -d /d");
  expect(read.trim().split("\n")).toEqual(["2", "x", "1", "1", "/d"]);
  expect((await stat(join(shop.folder, "new/folder"))).isDirectory()).toBe(true);
  expect((await shop.reyns("run all")).stderr).toBe("up to date: web-one\n");
});

test("check warns of what no run creates", async () => {
  await using shop = await createProject(
    {
      "reyns.ts": script(
        `service("web", { ...image, volumes: ["/no/such:/a", "./x:/b:ro", "./y:/c"] });`,
      ),
    },
    { offline: true },
  );
  const { status, stderr } = await shop.reyns("check");
  expect(status).toBe(0);
  expect(stderr).toContain("web-one: /no/such, mounted at /a, does not exist here");
  expect(stderr).toContain(`web-one: ${shop.folder}/x, mounted at /b, does not exist here`);
  expect(stderr).not.toContain("/c");
  expect(await shop.json("check")).toHaveProperty("warnings.length", 2);
});
