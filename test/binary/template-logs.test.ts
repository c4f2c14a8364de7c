// What "reyns logs" shows of a new project: the service's own lines, and nothing else.
import { expect, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../engine/support/images-container.ts";
import { execIn } from "./support/engine.ts";
import { createFromTemplate } from "./support/project.ts";

// The first run on a machine builds the base images.
setDefaultTimeout(300_000);

test("the log of a template's service has its requests, and nothing of Supervisor", async () => {
  await using project = await createFromTemplate("minimal");
  const definition = await readFile(join(project.folder, "reyns.ts"), "utf8");
  // Another test may publish the port.
  await project.write({ "reyns.ts": definition.replace(/^.*ports:.*$/m, "") });
  await project.must("run all");
  const get = 'import urllib.request; urllib.request.urlopen("http://localhost:8080/")';
  await execIn(project.folder, "one", "python3", "-c", get);
  const log = async (): Promise<string[]> => (await project.must("logs hello")).split("\n");
  const request = '"GET / HTTP/1.1" 200';
  await until("the request", async () => (await log()).some((line) => line.includes(request)));
  expect(await log()).not.toContainEqual(expect.stringMatching(/supervisor|CRIT|INFO|spawned/i));
});
