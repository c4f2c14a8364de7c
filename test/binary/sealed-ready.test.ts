// A ready check may hold a secret: it waits after a start and a restart, and the Engine does not show it.
import { expect, setDefaultTimeout, test } from "bun:test";
import { must } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createProject } from "./support/project.ts";

setDefaultTimeout(240_000);

test("docker inspect shows no ready command, and start and restart wait for it", async () => {
  await using shop = await createProject({
    "reyns.ts": `import { project, ready, service } from "reyns";
project("sealed");
service("web", {
  image: "debian:bookworm-slim", init: true,
  command: ["sh", "-c", "rm -f /up; sleep 1.5; touch /up; sleep 600"],
  ready: ready.command("sh", "-c", "test -e /up # hunter2"),
});
`,
  });
  const isUp = async (): Promise<void> => {
    const [id = ""] = await containerIds(shop.folder);
    await must("docker", "exec", id, "test", "-e", "/up");
  };
  await shop.must("run all");
  const [id = ""] = await containerIds(shop.folder);
  const inspected = await must("docker", "inspect", id);
  expect(inspected).toContain('"io.reyns.ready"');
  expect(inspected).not.toContain("hunter2");
  await isUp();
  await shop.must("restart web");
  await isUp();
  await shop.must("stop web");
  await shop.must("start web");
  await isUp();

  await shop.must("stop web");
  await shop.must("keys rotate yes");
  const { status, stderr } = await shop.reyns("start web");
  expect(status).toBe(0);
  expect(stderr).toContain("web-one: its ready check was recorded with other keys");
});
