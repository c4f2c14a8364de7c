import { describe, expect, test } from "bun:test";
import { planPull } from "../../src/plan/pull-plan.ts";
import { selectInstances } from "../../src/plan/select/select.ts";
import { plainSelection } from "../../src/plan/select/selection.ts";
import { labels } from "../../src/model/labels.ts";
import { plan, startOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

const script = (services: string): string => `import { service } from "reyns";\n${services}\n`;

describe("platform", () => {
  test("an image is pulled for it, its container is created for it, and it is a part of the definition", async () => {
    await using folder = await projectFolder({
      "reyns.ts": script(
        'service("web", { image: "i", platform: "linux/arm64" }); service("db", { image: "j" });',
      ),
    });
    const project = await folder.read();
    const { steps } = plan(project);
    const pulls = steps.filter((step) => step.kind === "pull-image");
    expect(pulls.map(({ image, platform }) => [image, platform])).toEqual([
      ["i", "linux/arm64"],
      ["j", undefined],
    ]);
    const asked = planPull(project, selectInstances(project, plainSelection("*")));
    expect(asked.steps.map(({ platform }) => platform)).toEqual(["linux/arm64", undefined]);
    const { spec } = startOf(steps, "web-one");
    expect(spec.runtime.platform).toBe("linux/arm64");
    expect(JSON.parse(spec.labels[labels.definition] ?? "")).toHaveProperty("platform");
  });

  test("an image is built for it, unless the build has one of its own", async () => {
    await using folder = await projectFolder({
      "a/Dockerfile": "FROM x\n",
      "reyns.ts": script(`service("web", { build: "./a", platform: "linux/arm64" });
service("db", { build: { context: "./a", platforms: ["linux/amd64"] }, platform: "linux/arm64" });`),
    });
    const { services } = await folder.read();
    const platforms = ["web", "db"].map((name) => services.get(name)?.build?.platform);
    expect(platforms).toEqual(["linux/arm64", "linux/amd64"]);
  });

  test.each([
    [
      'service("web", { image: "i", platform: "arm64" });',
      'platform is "arm64" | accepted: "OS/ARCHITECTURE"',
    ],
    [
      'service("web", { platform: "linux/arm64" });',
      "platform needs image or build | write FROM --platform=linux/arm64",
    ],
    [
      'service("web", { image: "i", platform: "linux/arm64" }); service("db", { image: "i" });',
      "i is also used for the Engine's own platform | the Engine keeps one image",
    ],
  ])("%s", async (services, message) => {
    await using folder = await projectFolder({
      "services/web/Dockerfile": "FROM x\n",
      "reyns.ts": script(services),
    });
    const [mistake, ...more] = await folder.mistakes();
    expect(mistake).toContain(message);
    expect(mistake).toMatch(/^reyns.ts:2:\d\d /);
    expect(more).toEqual([]);
  });
});
