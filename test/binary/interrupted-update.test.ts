// Ctrl-C while the new version of an instance becomes ready: its former one is kept for the next call.
import { expect, setDefaultTimeout, test } from "bun:test";
import { must, until } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { call } from "./support/reyns.ts";

setDefaultTimeout(240_000);

/** The new version never becomes ready. */
const dockerfile = (version: "former" | "new"): string =>
  `FROM debian:bookworm-slim\nRUN touch /${version === "former" ? "ready" : "other"}\nSTOPSIGNAL SIGKILL\nCMD ["sleep", "600"]\n`;

async function createUpdate(): Promise<Project> {
  const project = await createProject({
    "services/web/Dockerfile": dockerfile("former"),
    "reyns.ts": `import { project, ready, service } from "reyns";
project("update");
service("web", { instance: "one", ready: ready.healthy(), timeout: 60,
  healthcheck: { test: ["CMD", "test", "-e", "/ready"], interval: "1s", retries: 1 } });
`,
  });
  await project.must("run all");
  await project.write({ "services/web/Dockerfile": dockerfile("new") });
  await project.must("build web");
  return project;
}

/** Runs the new version, and presses Ctrl-C when that is unhealthy. */
async function interruptUpdate({ folder }: Project): Promise<string> {
  const update = await call(folder, "run all");
  await until("the new version to be unhealthy", async () => {
    const filters = ["--filter", "health=unhealthy", "--filter", `label=io.reyns.folder=${folder}`];
    return (await must("docker", "ps", "--quiet", ...filters)) !== "";
  });
  update.interrupt();
  return (await update.output).stderr;
}

async function expectNoAdvice(project: Project): Promise<void> {
  const [id = "none"] = await containerIds(project.folder, "one");
  await must("docker", "exec", id, "test", "-e", "/ready");
  const { stderr } = await project.reyns("ps");
  expect(stderr).toContain("as the newer one failed: web-one (update/web)");
  expect(stderr).not.toContain("reyns run");
}

test("after an update that was interrupted, and then failed or was rolled back, ps advises no run that would bring its image back", async () => {
  await using project = await createUpdate();
  const stderr = await interruptUpdate(project);
  expect(stderr).toContain("      the new version runs, but is unhealthy: web-one\n");
  const kept = "its former version is kept, stopped; go back to it: reyns rollback web one\n";
  expect(stderr).toContain(kept);
  expect(await project.must("plan")).toContain("once its successor is ready");
  const resumed = await project.reyns("run all timeout=3");
  expect(resumed.stderr).toContain("the former version of web-one runs again");
  await expectNoAdvice(project);

  await interruptUpdate(project);
  await project.must("rollback web");
  await expectNoAdvice(project);
});
