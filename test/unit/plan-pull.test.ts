// What pull and push are about, and the policies that fit an image.
import { expect, test } from "bun:test";
import { planPull, planPullAlways, planPush } from "../../src/plan/pull-plan.ts";
import { selectInstances } from "../../src/plan/select/select.ts";
import { plainSelection } from "../../src/plan/select/selection.ts";
import { projectFolder } from "./support/project-folder.ts";

const files = {
  "web/Dockerfile": "FROM scratch\n",
  "reyns.ts": `import { dns, service } from "reyns";
dns({ instance: "main" });
const web = service("web", { build: "./web", image: "registry.example/web:1" });
service("copy", { image: web });
service("db", { image: "postgres:17", pullPolicy: "always" });
service("replica", { image: "postgres:17" });
service("own", { image: "shop/own:1", pullPolicy: "never" });
`,
};

test("a ready image is pulled once, and what is built here or must not be pulled is named", async () => {
  await using folder = await projectFolder(files);
  const project = await folder.read();
  const instances = selectInstances(project, plainSelection("all"));
  const { steps, skipped } = planPull(project, instances);
  expect(steps.map(({ image }) => image)).toEqual(["postgres:17"]);
  expect(skipped).toEqual([
    "web-one is built here: reyns build web",
    "copy-one is built here: reyns build web",
    'own-one: its pullPolicy is "never"',
  ]);
  expect(planPullAlways(project, instances)).toMatchObject([
    { kind: "pull-image", image: "postgres:17", reason: 'its pullPolicy is "always"' },
  ]);
  expect(planPush([...project.services.values()])).toMatchObject([
    { kind: "push-image", image: "registry.example/web:1" },
  ]);
});

test("a policy that does not fit its image is a mistake at its own place", async () => {
  await using folder = await projectFolder({
    "web/Dockerfile": "FROM scratch\n",
    "reyns.ts": `import { service } from "reyns";
service("web", { build: "./web", pullPolicy: "always" });
service("db", { image: "postgres:17", pullPolicy: "build" });
service("bad", { image: "postgres:17", pullPolicy: "daily" });
`,
  });
  expect(await folder.mistakes()).toEqual([
    'reyns.ts:2:34 web is built, not pulled | accepted for what is built: "build", which builds it at each run, or none',
    'reyns.ts:3:39 db is not built | accepted for a ready image: "always", "missing" or "never"',
    'reyns.ts:4:40 pullPolicy is "daily" | accepted: "always" or "missing" or "never" or "build"',
  ]);
});
