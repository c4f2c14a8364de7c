import { expect, setDefaultTimeout, test } from "bun:test";
import { must, run } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createProject } from "./support/project.ts";

setDefaultTimeout(240_000);

const image = "reyns-test-removed:1";

test("an instance whose image was removed by force goes on, and a rerun without the image leaves it running", async () => {
  await using project = await createProject({
    "reyns.ts": `import { service } from "reyns";
service("web", { image: "${image}", command: ["sleep", "600"], init: true });
`,
  });
  await must("docker", "tag", "debian:bookworm-slim", image);
  await project.must("run all");
  const before = await containerIds(project.folder, "one");
  await must("docker", "rmi", "--force", image);
  expect((await project.reyns("run all")).stderr).toContain("up to date: web-one");
  expect(await project.must("plan")).toContain("Nothing to do");
  expect(await project.json("ps")).toMatchObject([{ state: "running", image, problems: [] }]);
  await project.must("restart web");
  const { status, stderr } = await project.reyns("rerun web");
  expect(status).toBe(1);
  expect(stderr).toContain(`error cannot pull the image ${image}`);
  expect(stderr).toContain("not replaced: web-one");
  expect(await containerIds(project.folder, "one")).toEqual(before);
  expect(await project.json("ps")).toMatchObject([{ state: "running" }]);
});

test("instances with the labels of an older and of a newer version are listed, repaired and removed", async () => {
  await using project = await createProject({
    "reyns.ts": `import { project, service } from "reyns";
project("versions");
for (const instance of ["older", "newer"])
  service("web", { image: "debian:bookworm-slim", instance, command: ["sleep", "600"], init: true });
`,
  });
  const own = {
    "io.reyns.project": "versions",
    "io.reyns.folder": project.folder,
    "io.reyns.service": "web",
  };
  const start = (labels: Readonly<Record<string, string>>): Promise<string> => {
    const words = Object.entries({ ...own, ...labels }).flatMap((pair) => ["-l", pair.join("=")]);
    return must("docker", "run", "-d", "--init", ...words, "debian:bookworm-slim", "sleep", "600");
  };
  await start({ "io.reyns.instance": "older" });
  await start({
    "io.reyns.instance": "newer",
    "io.reyns.instance-type": "of-the-future",
    "io.reyns.definition": '{"image":{"v":2},"future":"x"}',
    "io.reyns.registration": '{"server":["10.0.0.1"],"policy":"FUTURE"}',
    "io.reyns.ready": '{"kind":"future"}',
    "io.reyns.after": "[]",
    "io.reyns.future": "x",
  });
  const names = [{ instance: "newer" }, { instance: "older" }];
  for (const line of ["ps", "status"]) expect(await project.json(line)).toMatchObject(names);
  for (const line of [
    "info web newer",
    "info web older",
    "plan",
    "stop all",
    "start all",
    "run all",
  ]) {
    const { status, stdout, stderr } = await project.reyns(line);
    expect({ line, status, output: stdout + stderr }).toMatchObject({ line, status: 0 });
  }
  expect(await project.must("plan")).toContain("Nothing to do");
  await project.must("clean all force=true");
  expect(
    (await run(["docker", "ps", "-aq", "--filter", `label=io.reyns.folder=${project.folder}`]))
      .stdout,
  ).toBe("");
});
