import { expect, setDefaultTimeout, test } from "bun:test";
import { createProject } from "./support/project.ts";

setDefaultTimeout(300_000);

const router = "reyns/reyns-router";
const base = ["common", "base", "dns"].map((name) => ({ image: `reyns/reyns-${name}` }));

test("init builds the router's image for a project with a router, and with router=true", async () => {
  await using shop = await createProject({
    "reyns.ts": 'import { project, router } from "reyns";\nproject("init-router");\nrouter();\n',
  });
  expect(await shop.json("init")).toEqual([...base, { image: router }]);
  expect(await shop.json("init router=false")).toEqual(base);
  await shop.write({ "reyns.ts": 'import { project } from "reyns";\nproject("init-router");\n' });
  expect(await shop.json("init")).toEqual(base);
  const { status, stderr } = await shop.reyns("init router=true");
  expect(status).toBe(0);
  expect(stderr).toMatch(new RegExp(`✓ ${router} (built|up to date)`));
});

test("init of a project with mistakes builds the base images, and says what it leaves out", async () => {
  await using shop = await createProject({
    "reyns.ts": 'import { rooter } from "reyns";\nrooter();\n',
  });
  const { status, stdout, stderr } = await shop.reyns("init json");
  expect({ status, images: JSON.parse(stdout) as unknown }).toEqual({ status: 0, images: base });
  expect(stderr).toContain("the project has mistakes, so the router's image is not built");
  expect(stderr).toContain("router=true");
});
