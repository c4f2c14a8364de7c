import { expect, setDefaultTimeout, test } from "bun:test";
import { listOwned, createProject } from "./support/project.ts";
import { openRelay, type Rules } from "./support/relay.ts";

setDefaultTimeout(240_000);

/** From the first match on nothing answers. */
function goesAwayAt(pattern: RegExp): Rules {
  const closing = (text: string): "close" | "pass" => (pattern.test(text) ? "close" : "pass");
  return { request: closing, answer: closing };
}

const moments = [
  { moment: "at the first question", pattern: /^GET \S*\/containers\/json/ },
  { moment: "in the middle of a build", pattern: /moby\.buildkit\.trace/ },
  { moment: "when the network is made", pattern: /^POST \S*\/networks\/create/ },
  { moment: "when a container is made", pattern: /^POST \S*\/containers\/create/ },
  { moment: "when it is started", pattern: /^POST \S*\/containers\/\w+\/start/ },
];

for (const { moment, pattern } of moments) {
  test(`the Engine goes away ${moment}: status 3, and what is left can be cleaned`, async () => {
    await using project = await createProject({
      "services/web/Dockerfile": "FROM reyns/reyns-base\nRUN true\n",
      "reyns.ts": 'import { service } from "reyns";\nservice("web", { instance: "one" });\n',
    });
    await using relay = await openRelay(goesAwayAt(pattern));
    const { status, stdout, stderr } = await project.reyns("run all", {
      env: { DOCKER_HOST: relay.host },
    });
    expect(stderr).toContain(`error no Docker Engine at ${relay.host}`);
    expect(stderr).not.toContain("defect");
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    await project.must("run all");
    expect(await listOwned(project.folder)).toHaveLength(2);
  });
}
